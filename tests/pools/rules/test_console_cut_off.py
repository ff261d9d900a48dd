"""console-cut-off: nobody answers, here and nearly everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Facts
from pools.rules.case import Case, Elsewhere, Subject
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, found, silent_on, the
from tests.pools.world import NOW, amber, judged, master_silent, with_probe

CODE = "console-cut-off"
ALL_SILENT = Elsewhere(others=9, answered=0, silent=9)


def dark(code: str = "timeout") -> Facts:
    """Everybody was asked, and nobody was there."""
    facts = master_silent(code=code)
    return replace(facts, probes=tuple(replace(p, answers=False, code=code) for p in facts.probes))


def beside(answered: int, silent: int, others: int = 9) -> Case:
    return judged(dark(), elsewhere=Elsewhere(others=others, answered=answered, silent=silent))


def quiet_for(seconds: float, code: str = "timeout") -> Case:
    """Nobody answers, here and elsewhere, and it has been so for so long."""
    facts = dark(code)
    since = NOW - timedelta(seconds=seconds)
    facts = replace(facts, probes=tuple(replace(p, since=since) for p in facts.probes))
    return judged(facts, elsewhere=ALL_SILENT)


def refusing(seconds: float) -> Case:
    return quiet_for(seconds, "refused")


test_it_fires_on = fires_on(
    CODE,
    {
        "every other pool silent too": (CRITICAL, "the console", beside(answered=0, silent=9)),
        "half of them silent, and none read since": (CRITICAL, "the console", beside(answered=0, silent=5)),
        "everybody refusing for longer than that": (CRITICAL, "the console", refusing(60)),
        "exactly half of them silent": (CRITICAL, "the console", beside(answered=0, silent=5, others=10)),
        "everybody silent since just now": (CRITICAL, "the console", quiet_for(1)),
        "the only other one silent": (CRITICAL, "the console", beside(answered=0, silent=1, others=1)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "another pool that was read since": beside(answered=1, silent=8),
        "hosts that refuse, as while their toolstacks restart": refusing(59),
        "somebody who is there, and lets nobody in": judged(
            with_probe(dark(), "127.10.1.3", code="tls-untrusted"), elsewhere=ALL_SILENT
        ),
        "a pool that is read although its probes fail": judged(
            replace(dark(), pool=amber().pool, pool_trouble=None), elsewhere=ALL_SILENT
        ),
        "a pool in which nobody was asked": judged(replace(dark(), probes=()), elsewhere=ALL_SILENT),
        "a few silent ones": beside(answered=0, silent=4),
        "one pool alone": beside(answered=0, silent=0, others=0),
        "nobody who knows of others": judged(dark()),
        "a member that answers": judged(master_silent(), elsewhere=ALL_SILENT),
        "a pool that is read": judged(amber(), elsewhere=ALL_SILENT),
    },
)


@pytest.mark.parametrize(
    ("answered", "silent", "severity"), [(0, 9, None), (4, 5, CRITICAL), (0, 4, None), (0, 0, None)]
)
def test_no_master_is_called_dead_while_it_may_be_the_console(
    answered: int, silent: int, severity: object
) -> None:
    """Told apart by the other pools; until one was asked, nothing worse than a suspicion is said."""
    case = beside(answered=answered, silent=silent)
    assert [f.severity for f in found(case, "master-unreachable")] == ([severity] if severity else [])
    if not severity and silent < 5:
        assert the(case, "master-suspect").severity is WARNING


def test_a_pool_that_is_away_alone_is_told_from_the_consoles_network() -> None:
    says = the(beside(answered=8, silent=0), "master-unreachable").says
    assert "not the console's network, since 8 of 9 other pools answered meanwhile" in says


def test_it_is_one_trouble_of_the_console_whatever_the_pool() -> None:
    """Messages are grouped by that."""
    assert the(beside(answered=0, silent=9), CODE).subject == Subject("console", "the console", "console")
