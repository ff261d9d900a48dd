"""rule-failed: a rule broke, and hid no other."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from pools.rules import judge_all, master_disabled
from pools.rules.case import Case, Finding
from pools.rules.code import Code
from tests.pools.rules.judging import CRITICAL, INFO, silent_on
from tests.pools.world import amber, judged, master_silent

CODE = "rule-failed"


class Broken:
    """A rule with a bug in it."""

    CODES: tuple[Code, ...] = ()

    def judge(self, case: Case) -> Iterator[Finding]:
        raise ZeroDivisionError


def test_it_fires_on_a_rule_that_breaks_and_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    case = judged(amber().with_host("amber-1", enabled=False))
    with caplog.at_level(logging.ERROR, logger="pools.rules"):
        findings = judge_all(case, (Broken(), master_disabled))
    assert [(f.code, f.severity) for f in findings] == [("master-disabled", CRITICAL), (CODE, INFO)]
    assert "ZeroDivisionError" in findings[1].says
    assert caplog.records[0].exc_info


test_it_is_silent_on = silent_on(
    CODE, {"a well pool": judged(amber()), "a silent one": judged(master_silent())}
)
