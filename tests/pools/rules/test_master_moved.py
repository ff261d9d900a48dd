"""master-moved: another master, and no run of ours moved it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pools.rules.case import Case
from tests.pools.rules.judging import WARNING, fires_on, silent_on, the
from tests.pools.world import NOW, amber, judged, master_silent

CODE = "master-moved"


def moved(hours: float) -> Case:
    return judged(amber(), master_was="amber-4", master_moved_at=NOW - timedelta(hours=hours))


test_it_fires_on = fires_on(
    CODE,
    {
        "another master than at the last look": (
            WARNING,
            "amber-2",
            judged(amber().with_master("amber-2"), known=amber()),
        ),
        "an hour ago": (WARNING, "amber-1", moved(1)),
        "a day ago": (WARNING, "amber-1", moved(24)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a day and a bit later": moved(24.01),
        "the same master as ever": judged(amber(), known=amber()),
        "nothing known from before": judged(amber(), known=None),
        "one that moved back": judged(amber(), master_was="amber-1", master_moved_at=NOW),
        "a beginning that nobody saw": judged(amber(), master_was="amber-4"),
        "a time without a master before": judged(amber(), master_moved_at=NOW),
        "a master that is not among the hosts": judged(amber().with_master("amber-9"), known=amber()),
        "nothing read before": judged(amber(), known=master_silent()),
        "a silent master": judged(master_silent(), master_was="amber-4", master_moved_at=NOW),
    },
)


def test_a_host_that_is_gone_is_named_as_it_was() -> None:
    case = judged(amber().with_master("amber-2").without_host("amber-1"), known=amber())
    assert "before, it was amber-1" in the(case, CODE).says


def test_a_host_is_named_also_when_nothing_else_is_known_from_before() -> None:
    case = replace(moved(1), known=None)
    assert "before, it was amber-4" in the(case, CODE).says
    gone = replace(case, facts=case.facts.without_host("amber-4"))
    assert "before, it was a host that is gone (amber-4)" in the(gone, CODE).says
    assert "a host that is gone (amber-4)" in the(replace(gone, known=master_silent()), CODE).says
