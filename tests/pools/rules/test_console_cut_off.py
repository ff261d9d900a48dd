"""console-cut-off: nobody answers, here and nearly everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Facts
from pools.rules.case import Case, Elsewhere
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, found, silent_on, the
from tests.pools.world import NOW, amber, judged, master_silent

CODE = "console-cut-off"


def dark(code: str = "timeout") -> Facts:
    """Everybody was asked, and nobody was there."""
    facts = master_silent(code=code)
    return replace(facts, probes=tuple(replace(p, answers=False, code=code) for p in facts.probes))


def beside(answered: int, silent: int, others: int = 9) -> Case:
    return judged(dark(), elsewhere=Elsewhere(others=others, answered=answered, silent=silent))


def refusing(seconds: float) -> Case:
    """Everybody refuses connections, here and elsewhere, and has for so long."""
    facts = dark("refused")
    since = NOW - timedelta(seconds=seconds)
    facts = replace(facts, probes=tuple(replace(p, since=since) for p in facts.probes))
    return judged(facts, elsewhere=Elsewhere(others=9, answered=0, silent=9))


test_it_fires_on = fires_on(
    CODE,
    {
        "every other pool silent too": (CRITICAL, "the console", beside(answered=0, silent=9)),
        "half of them silent, and none read since": (CRITICAL, "the console", beside(answered=0, silent=5)),
        "everybody refusing for longer than that": (CRITICAL, "the console", refusing(60)),
        "the only other one silent": (CRITICAL, "the console", beside(answered=0, silent=1, others=1)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "another pool that was read since": beside(answered=1, silent=8),
        "hosts that refuse, as while their toolstacks restart": refusing(59),
        "a few silent ones": beside(answered=0, silent=4),
        "one pool alone": beside(answered=0, silent=0, others=0),
        "nobody who knows of others": judged(dark()),
        "a member that answers": judged(master_silent(), elsewhere=Elsewhere(others=9, answered=0, silent=9)),
        "a pool that is read": judged(amber(), elsewhere=Elsewhere(others=9, answered=0, silent=9)),
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
