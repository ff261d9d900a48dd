"""The panel "pool now" tells what was seen, and what this run still owes."""

from dataclasses import replace
from datetime import UTC, datetime

from pools.facts import Facts, Trouble, Vm
from tests.workflows import amber
from workflows.pages.poolnow import lines

NOW = datetime(2026, 11, 22, 14, 13, tzinfo=UTC)


def told(facts: Facts, owed: tuple[str, ...] = ()) -> dict[str, str]:
    return {line.name: line.value for line in lines(facts, "h-amber-1", owed)}


def test_a_healthy_pool_is_told_in_five_lines() -> None:
    assert told(amber.facts()) == {
        "Master": "amber-1",
        "HA": "on, 180 s",
        "Hosts": "4 live, 4 enabled",
        "CloudStack": "4 Up",
        "On amber-1": "2 VMs",
    }


def test_the_one_guest_that_is_left_is_named() -> None:
    last = Vm(uuid="v", ref="v", name="build-7", power_state="Running", host="h-amber-1")
    assert told(amber.facts().with_pool(vms=(last,)))["On amber-1"] == "1 VM, build-7"
    assert told(amber.facts().with_pool(vms=()))["On amber-1"] == "no VM"


def test_ha_that_this_run_turned_off_is_wrong_and_says_by_whom() -> None:
    off = amber.facts().with_ha(enabled=False)
    (ours,) = [line for line in lines(off, "h-amber-1", ("ha",)) if line.name == "HA"]
    assert (ours.value, ours.wrong) == ("off, by this run", True)
    (found,) = [line for line in lines(off, "h-amber-1", ()) if line.name == "HA"]
    assert (found.value, found.wrong) == ("off", False)


def test_maintenance_says_more_than_up() -> None:
    facts = amber.facts().with_cs_host("cs-amber-1", resourcestate="Maintenance")
    assert told(facts)["CloudStack"] == "3 Up, 1 Maintenance"


def test_a_silent_captain_is_told_with_its_trouble() -> None:
    says = "127.10.1.1 refuses the connection."
    silent = replace(
        amber.facts(), pool=None, cloudstack=None, pool_trouble=Trouble(code="refused", says=says)
    )
    assert told(silent) == {"XenServer": "does not answer: the connection is refused"}
    assert all(line.wrong for line in lines(silent, "h-amber-1", ()))
