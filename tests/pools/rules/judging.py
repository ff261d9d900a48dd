"""How a rule's test file is made: the cases on which its code fires, and the near misses on which it is silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from pools.rules import judge_all
from pools.rules.case import Case, Finding, Severity

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
SOURCES = ("XenServer", "CloudStack", "Baton")
Fires = Mapping[str, tuple[Severity, str, Case]]
"""What it is called → how severe, about whom, in which case."""


def found(case: Case, code: str) -> list[Finding]:
    """The findings of that code. A rule that broke is silent, too: that is no near miss."""
    all_found = judge_all(case)
    assert "rule-failed" not in {f.code for f in all_found}, all_found
    return [f for f in all_found if f.code == code]


def the(case: Case, code: str) -> Finding:
    """The one finding of that code."""
    (only,) = found(case, code)
    return only


def fires_on(code: str, cases: Fires) -> Callable[..., None]:
    """A test that the code fires in each of these cases, once, with that severity and about that subject; and that
    each value it rests on has a source and an age."""

    @pytest.mark.parametrize("name", cases)
    def test(name: str) -> None:
        severity, subject, case = cases[name]
        finding = the(case, code)
        assert (finding.severity, finding.subject.name) == (severity, subject), finding
        assert finding.says.endswith(".") and finding.means, finding
        assert finding.evidence or code == "rule-failed", finding
        for value in finding.evidence:
            assert value.what and value.value and value.at and value.source in SOURCES, value

    return test


def silent_on(code: str, cases: Mapping[str, Case]) -> Callable[..., None]:
    """A test that the code is silent in each of these cases."""

    @pytest.mark.parametrize("name", cases)
    def test(name: str) -> None:
        assert found(cases[name], code) == []

    return test


def text_of(finding: Finding) -> list[tuple[str, str, str]]:
    """The evidence without its times."""
    return [(e.what, e.value, e.source) for e in finding.evidence]
