"""What a matrix of faults says at its end: a table, and one line."""

from __future__ import annotations

import pytest

RIGHT, ASKED, WRONG = "right", "asked a human", "wrong"
MATRIX = ("tests/faults/matrix.py", "tests/faults/hardship.py")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Silent when no case of a matrix ran."""
    rows = []
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            if report.nodeid.startswith(MATRIX) and (report.when == "call" or outcome == "error"):
                said = dict(report.user_properties).get("verdict", WRONG)
                rows.append((report.nodeid.rpartition("::")[2], said if outcome == "passed" else WRONG))
    if not rows:
        return
    for name, said in sorted(rows):
        terminalreporter.write_line(f"{name:<55} {said}")
    counts = [sum(said.startswith(word) for _, said in rows) for word in (RIGHT, ASKED, WRONG)]
    terminalreporter.write_line(
        "cases {}, ended right {}, asked a human {}, wrong {}".format(len(rows), *counts)
    )
