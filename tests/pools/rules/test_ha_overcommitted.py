"""ha-overcommitted: XenServer itself says that it cannot keep its promise."""

from __future__ import annotations

from pools.facts import Facts
from pools.rules.case import Case
from tests.pools.rules.judging import INFO, WARNING, fires_on, silent_on, the
from tests.pools.world import NOW, amber, ha_off, judged, master_silent

CODE = "ha-overcommitted"


def dead() -> Facts:
    return amber().with_ha(overcommitted=True).with_host("amber-3", live=False)


def starting() -> Case:
    facts = amber().with_ha(overcommitted=True)
    return judged(facts.with_host("amber-3", enabled=False, agent_start_time=NOW.timestamp() - 30))


test_it_fires_on = fires_on(
    CODE,
    {
        "the flag": (WARNING, "amber", judged(amber().with_ha(overcommitted=True))),
        "the flag while a host starts": (INFO, "amber", starting()),
        "the flag while a host is dead": (WARNING, "amber", judged(dead())),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a pool that allows it and is not": judged(amber().with_ha(allow_overcommit=True)),
        "a flag left behind by HA turned off": judged(ha_off().with_ha(overcommitted=True)),
        "a silent master": judged(master_silent()),
    },
)


def test_a_host_that_is_away_comes_back_first() -> None:
    assert the(judged(dead()), CODE).remedy == "Bring amber-3 back first: the plan lacks it."
