"""master-disabled: the master is disabled in XenServer."""

from __future__ import annotations

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, INFO, fires_on, silent_on, the
from tests.pools.world import NOW, amber, judged, master_silent, unplugged

CODE = "master-disabled"


def started(minutes: float) -> Case:
    at = NOW.timestamp() - 60 * minutes
    return judged(amber().with_host("amber-1", enabled=False, agent_start_time=at))


test_it_fires_on = fires_on(
    CODE,
    {
        "a disabled master": (CRITICAL, "amber-1", judged(amber().with_host("amber-1", enabled=False))),
        "one that started long enough ago": (CRITICAL, "amber-1", started(3)),
        "one that is only starting": (INFO, "amber-1", started(2.9)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a disabled member": judged(amber().with_host("amber-2", enabled=False)),
        "a silent master": judged(master_silent()),
        "a pool whose master is not told": judged(amber().with_pool(master="")),
    },
)


def test_a_start_is_no_excuse_for_unplugged_storage() -> None:
    facts = unplugged("amber-1", "iscsi-1").with_host(
        "amber-1", enabled=False, agent_start_time=NOW.timestamp()
    )
    finding = the(judged(facts), CODE)
    assert (finding.severity, finding.remedy) == (CRITICAL, "reenable-host")
    assert finding.says.startswith("amber-1 is the master, and disabled: storage iscsi-1 is unplugged")


def test_while_it_starts_nothing_is_to_be_done() -> None:
    assert the(started(1), CODE).remedy == ""
