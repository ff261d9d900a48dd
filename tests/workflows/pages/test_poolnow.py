"""The panel "pool now" tells what was seen, and what this run still owes."""

from dataclasses import replace
from datetime import UTC, datetime

from pools.facts import CloudStackFacts, CsHost, Facts, Ha, Host, PoolFacts, Trouble, Vm
from workflows.pages.poolnow import lines

NOW = datetime(2026, 11, 22, 14, 13, tzinfo=UTC)


def amber(**changes: object) -> Facts:
    hosts = tuple(
        Host(uuid=f"h{n}", ref=f"r{n}", name=f"amber-{n}", address=f"127.10.1.{n}", enabled=True, live=True)
        for n in range(1, 5)
    )
    pool = PoolFacts(
        uuid="p", ref="r", name="amber", master="h1", hosts=hosts, ha=Ha(enabled=True, timeout_s=180),
        vms=(Vm(uuid="v", ref="v", name="build-7", power_state="Running", host="h1"),),
    )  # fmt: skip
    seen = tuple(
        CsHost(id=f"c{n}", name=h.name, address=h.address, state="Up", resourcestate="Enabled")
        for n, h in enumerate(hosts)
    )
    return Facts(
        at=NOW, pool=replace(pool, **changes), cloudstack=CloudStackFacts(version="4.20", cluster="k", cluster_name="amber", hosts=seen)
    )  # fmt: skip


def told(facts: Facts, owed: tuple[str, ...] = ()) -> dict[str, str]:
    return {line.name: line.value for line in lines(facts, "h1", owed)}


def test_a_healthy_pool_is_told_in_five_lines() -> None:
    assert told(amber()) == {
        "Master": "amber-1",
        "HA": "on, 180 s",
        "Hosts": "4 live, 4 enabled",
        "CloudStack": "4 Up",
        "On amber-1": "1 VM, build-7",
    }


def test_ha_that_this_run_turned_off_is_wrong_and_says_by_whom() -> None:
    off = amber(ha=Ha(enabled=False))
    (ha,) = [line for line in lines(off, "h1", ("ha",)) if line.name == "HA"]
    assert (ha.value, ha.wrong) == ("off, by this run", True)
    (ha,) = [line for line in lines(off, "h1", ()) if line.name == "HA"]
    assert (ha.value, ha.wrong) == ("off", False)


def test_maintenance_says_more_than_up() -> None:
    facts = amber().with_cs_host("c0", resourcestate="Maintenance")
    assert told(facts)["CloudStack"] == "3 Up, 1 Maintenance"


def test_a_silent_captain_is_told_with_its_trouble() -> None:
    silent = Facts(at=NOW, pool_trouble=Trouble(code="refused", says="127.10.1.1 refuses the connection."))
    assert told(silent) == {"XenServer": "127.10.1.1 refuses the connection."}
