"""ha-plan-short: a plan for fewer lost hosts than wanted."""

from __future__ import annotations

from pools.rules.case import Case
from tests.pools.rules.judging import INFO, WARNING, fires_on, silent_on
from tests.pools.world import NOW, amber, ha_off, judged, master_silent

CODE = "ha-plan-short"


def starting() -> Case:
    facts = amber().with_ha(plan_exists_for=0)
    return judged(facts.with_host("amber-3", enabled=False, agent_start_time=NOW.timestamp() - 30))


test_it_fires_on = fires_on(
    CODE,
    {
        "no plan": (WARNING, "amber", judged(amber().with_ha(plan_exists_for=0))),
        "no plan while a host starts": (INFO, "amber", starting()),
        "a plan for one of two": (WARNING, "amber", judged(amber().with_ha(failures_to_tolerate=2))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a plan for as many": judged(amber()),
        "a plan for more": judged(amber().with_ha(plan_exists_for=2)),
        "nothing to tolerate": judged(amber().with_ha(failures_to_tolerate=0, plan_exists_for=0)),
        "HA off": judged(ha_off().with_ha(plan_exists_for=0)),
        "a silent master": judged(master_silent()),
    },
)
