"""A row of ``lab/refusals.md`` and the register of them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.lab.inside import Inside

Provoke = Callable[[Inside], list[str]]
WORDED = re.compile(r"(?P<code>[A-Z0-9_]+)(?:\[(?P<params>[^\]]*)\])?")
HEAD = """# Refusals

How the lab's XenServer says no: one row for each way. A test provokes every row and compares code and number of
parameters; another holds every place of the lab's source that refuses to account for a row. Parameters in brackets;
`…` stands for any number of them. Sources are files of xapi. Made by `python -m tests.lab.refusals`; do not edit.

| call | refusal | when | source |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """One way to be refused. ``refusal`` is worded as ``CODE[parameter, parameter]``."""

    call: str
    refusal: str
    when: str
    source: str
    provoke: Provoke
    scenario: str

    @property
    def code(self) -> str:
        return self._worded["code"]

    @property
    def params(self) -> list[str]:
        return [param.strip() for param in (self._worded["params"] or "").split(",") if param.strip()]

    @property
    def _worded(self) -> re.Match[str]:
        worded = WORDED.fullmatch(self.refusal)
        if worded is None:
            raise ValueError(f"not worded as a refusal: {self.refusal}")
        return worded

    def fits(self, description: list[str]) -> bool:
        """The refusal on the wire is the one of this row."""
        code, *params = description
        right_number = "…" in self.params or len(params) == len(self.params)
        return code == self.code and right_number and all(isinstance(param, str) for param in params)


ROWS: list[Row] = []


def refuses(
    call: str, refusal: str, when: str, source: str, scenario: str = "estate"
) -> Callable[[Provoke], Provoke]:
    """Register the decorated function as what provokes this refusal: it returns the description it got."""

    def register(provoke: Provoke) -> Provoke:
        ROWS.append(Row(call, refusal, when, source, provoke, scenario))
        return provoke

    return register


def table() -> str:
    """The text of ``lab/refusals.md``."""
    rows = sorted(ROWS, key=lambda row: (row.call != "any", row.call.lower(), row.refusal, row.when))
    lines = [f"| {row.call} | `{row.refusal}` | {row.when} | {row.source} |" for row in rows]
    return HEAD + "\n".join(lines) + "\n"
