"""host-disabled: live, and not enabled."""

from __future__ import annotations

from dataclasses import replace

from pools.rules.case import Case
from tests.pools.rules.judging import INFO, WARNING, fires_on, silent_on, the
from tests.pools.rules.trouble import expecting
from tests.pools.world import NOW, amber, judged, master_silent

CODE = "host-disabled"


def disabled(**changes: object) -> Case:
    return judged(amber().with_host("amber-3", enabled=False, **changes))


def arming(**changes: object) -> Case:
    case = disabled(**changes)
    return replace(case, facts=case.facts.with_ha(enabled=False).with_pool(current_operations=("ha_enable",)))


test_it_fires_on = fires_on(
    CODE,
    {
        "a disabled member": (WARNING, "amber-3", disabled()),
        "one in XenCenter's maintenance mode": (WARNING, "amber-3", disabled(maintenance_mode=True)),
        "one that started 3 min ago": (WARNING, "amber-3", disabled(agent_start_time=NOW.timestamp() - 180)),
        "one that is only starting": (INFO, "amber-3", disabled(agent_start_time=NOW.timestamp() - 179)),
        "one while HA is being turned on": (INFO, "amber-3", arming()),
        "one that somebody has in maintenance meanwhile": (WARNING, "amber-3", arming(maintenance_mode=True)),
        "one in maintenance in CloudStack": (
            WARNING,
            "amber-3",
            judged(
                amber().with_host("amber-3", enabled=False).with_cs_host("cs-3", resourcestate="Maintenance")
            ),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a dead one": disabled(live=False),
        "the master, which is another trouble": judged(amber().with_host("amber-1", enabled=False)),
        "a silent master": judged(master_silent(), known=amber().with_host("amber-3", enabled=False)),
    },
)


def test_what_a_run_of_ours_disabled_is_expected_and_says_so() -> None:
    case = replace(disabled(), obligations=expecting(CODE, "amber-3"))
    assert the(case, CODE).expected_by == 7
    assert "run 7 of ours works on it" in the(case, CODE).says


def test_who_enables_itself_needs_no_workflow() -> None:
    assert the(arming(), CODE).remedy == ""
    assert the(disabled(agent_start_time=NOW.timestamp() - 30), CODE).remedy == ""
    assert the(disabled(), CODE).remedy == "reenable-host"
