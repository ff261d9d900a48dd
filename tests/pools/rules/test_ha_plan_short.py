"""ha-plan-short: a plan for fewer lost hosts than wanted."""

from __future__ import annotations

from pools.rules.case import Case
from tests.pools.rules.judging import INFO, WARNING, fires_on, silent_on, the
from tests.pools.world import NOW, amber, ha_off, judged, master_silent

CODE = "ha-plan-short"


def started(seconds_ago: float, *disabled: str) -> Case:
    """amber-3 started so long ago; nobody has planned since."""
    facts = amber().with_ha(plan_exists_for=0)
    facts = facts.with_host("amber-3", agent_start_time=NOW.timestamp() - seconds_ago)
    for name in disabled:
        facts = facts.with_host(name, enabled=False)
    return judged(facts)


test_it_fires_on = fires_on(
    CODE,
    {
        "no plan": (WARNING, "amber", judged(amber().with_ha(plan_exists_for=0))),
        "no plan while a host starts": (INFO, "amber", started(30, "amber-3")),
        "no plan yet after a host has started": (INFO, "amber", started(179)),
        "no plan long after that": (WARNING, "amber", started(180)),
        "no plan after a start, while another host is away": (WARNING, "amber", started(30, "amber-4")),
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


def test_the_host_that_is_away_is_named_as_what_to_bring_back() -> None:
    away = amber().with_ha(plan_exists_for=0).with_host("amber-4", enabled=False)
    assert the(judged(away), CODE).remedy == "Bring amber-4 back first: the plan lacks it."


def test_with_every_host_there_only_a_person_can_judge() -> None:
    assert the(judged(amber().with_ha(plan_exists_for=0)), CODE).remedy == ""
