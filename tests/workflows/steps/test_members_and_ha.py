"""The traps of changing a master, removing a host and turning HA off or on: each found before anything is touched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from pools.facts import Facts
from tests.workflows import amber
from workflows.catalogue.change_master import ChangeMaster
from workflows.catalogue.disable_ha import SwitchHaOff
from workflows.catalogue.enable_ha import EnableHa
from workflows.catalogue.remove_host import RemoveHost
from workflows.catalogue.settle_debts import SettleDebts
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Check
from workflows.steps.dead import DestroyHost, ForceDeleteInCloudStack
from workflows.steps.ha import DisableHa, RememberHa, StopHa
from workflows.steps.look import LookAtTheOthers, PoolIsWhole
from workflows.steps.master import DesignateBack

KEPT = RememberHa().remember(amber.situation())["ha"]


def failing(checks: Iterable[Check]) -> list[str]:
    return [check.says for check in checks if not check.ok]


def silent(found: Facts, *hosts: int) -> Facts:
    gone = {amber.address(i) for i in hosts}
    return replace(
        found, probes=tuple(replace(p, answers=p.answers and p.address not in gone) for p in found.probes)
    )


def change(found: Facts | None = None, **memory: object) -> Situation:
    return amber.situation(found, {"successor": "h-amber-2"}, **memory)


def leaving(found: Facts | None = None, host: str = "h-amber-3", **memory: object) -> Situation:
    return amber.situation(found, {"host": host}, **memory)


@pytest.mark.parametrize(
    "found, says",
    [
        (amber.facts().with_host("h-amber-2", live=False), "amber-2 is a live member"),
        (amber.facts().with_host("h-amber-2", enabled=False), "amber-2 is enabled"),
        (amber.facts().with_host("h-amber-2", version="7.1.0"), "amber-2 and amber-1 run the same version"),
        (amber.facts().with_master("h-amber-2"), "amber-2 is not the master"),
    ],
)
def test_a_host_that_cannot_be_master_is_refused_by_name(found: Facts, says: str) -> None:
    assert says in failing(ChangeMaster().refusals(change(found)))


def test_the_role_goes_back_to_whoever_had_it() -> None:
    assert DesignateBack().heading(change()) == "Make amber-1 the master again"


def test_a_pool_is_whole_only_with_ha_as_it_was() -> None:
    off = change(amber.facts().with_ha(enabled=False), ha=KEPT)
    assert failing(PoolIsWhole().preconditions(off)) == ["HA is on, as it was found"]
    late = change(amber.facts().with_cs_host("cs-amber-4", state="Disconnected"), ha=KEPT)
    assert failing(PoolIsWhole().preconditions(late)) == ["CloudStack shows every host Up"]


def test_the_master_is_not_removed_as_a_host() -> None:
    assert failing(RemoveHost().refusals(leaving(host="h-amber-1"))) == ["amber-1 is not the master"]


def test_local_disks_are_found_before_an_eject_is_planned() -> None:
    found = amber.facts()
    assert found.pool
    disks = tuple(replace(sr, vdis=2) if sr.uuid == "sr-amber-3" else sr for sr in found.pool.srs)
    assert failing(RemoveHost().refusals(leaving(found.with_pool(srs=disks)))) == [
        "No disk is kept on local storage of amber-3"
    ]


def test_a_host_that_is_silent_and_counts_as_live_is_neither_way() -> None:
    assert failing(RemoveHost().refusals(leaving(silent(amber.facts(), 3)))) == [
        "It is clear whether amber-3 lives"
    ]


def test_a_host_that_still_answers_is_never_removed_as_dead() -> None:
    half = amber.facts().with_host("h-amber-3", live=False)
    assert "EjectFromPool" in [step.key for step in RemoveHost().build(leaving(half))]
    assert "amber-3 does not answer at its own address" in failing(DestroyHost().preconditions(leaving(half)))


def dead() -> Facts:
    return silent(amber.facts().with_host("h-amber-3", live=False, enabled=False), 3)


def test_a_dead_host_goes_by_its_record_and_takes_its_local_disks_along() -> None:
    found = dead()
    assert found.pool
    disks = tuple(replace(sr, vdis=2) if sr.uuid == "sr-amber-3" else sr for sr in found.pool.srs)
    s = leaving(found.with_pool(srs=disks))
    keys = [step.key for step in RemoveHost().build(s)]
    assert "EnterMaintenance" not in keys and "EjectFromPool" not in keys
    assert keys.index("StateItIsOff") < keys.index("DeclareDead") < keys.index("DestroyHost")
    assert "Disks on its local storage go with it: local of amber-3 (2)." in list(RemoveHost().warnings(s))


def test_beside_a_dead_host_all_the_others_have_to_be_well() -> None:
    assert failing(LookAtTheOthers().preconditions(leaving(dead()))) == []
    worse = silent(dead().with_host("h-amber-4", live=False), 4)
    assert len(failing(LookAtTheOthers().preconditions(leaving(worse)))) == 2


def test_force_is_used_only_on_a_host_that_left_the_pool_and_is_not_up() -> None:
    assert failing(ForceDeleteInCloudStack().preconditions(leaving(dead()))) == [
        "amber-3 has left the pool",
        "CloudStack no longer shows amber-3 Up",
    ]
    gone = dead().without_host("h-amber-3").with_cs_host("cs-amber-3", state="Down")
    s = replace(leaving(dead()), facts=gone)
    (call,) = ForceDeleteInCloudStack().calls(s)
    assert call.by_hand == "cmk delete host id=cs-amber-3 forced=true"
    assert ForceDeleteInCloudStack().typed(s) == "amber-3"


def test_ha_is_not_turned_off_by_a_call_that_would_never_end() -> None:
    lost = silent(amber.facts(), 4)
    says = "XAPI can turn HA off: it reaches the heartbeat's SR, or every member"
    assert says in failing(SwitchHaOff().refusals(amber.situation(lost, {"wish": "for-now"})))
    reached = lost.with_host("h-amber-1", ha_statefiles=("OpaqueRef:statefile",))
    assert failing(SwitchHaOff().refusals(amber.situation(reached, {"wish": "for-now"}))) == []


def test_a_disable_that_hangs_is_watched_and_names_whom_it_waits_for() -> None:
    says = StopHa().progress(amber.situation(silent(amber.facts(), 4))).says
    assert says == "HA is still on; XAPI waits for amber-4, and this is not sent again"


@pytest.mark.parametrize("wish, owes", [("for-now", True), ("for-good", False)])
def test_ha_off_is_a_debt_or_a_stated_wish(wish: str, owes: bool) -> None:
    assert bool(StopHa().owing(amber.situation(None, {"wish": wish}, ha=KEPT))) is owes
    warned = " ".join(SwitchHaOff().warnings(amber.situation(None, {"wish": wish})))
    assert ("policy will say that HA stays off" in warned) is not owes


def enabling(timeout: str, found: Facts | None = None) -> Situation:
    off = (found or amber.facts()).with_ha(enabled=False)
    return amber.situation(off, {"sr": "sr-hb", "timeout": timeout})


def test_what_the_timeout_means_stands_beside_cloudstacks_own_clock() -> None:
    long = " ".join(EnableHa().warnings(enabling("180")))
    assert "sees none of the other 3, for 180 s resets itself" in long
    assert "a new one serves within 300 s" in long
    assert "after 120 s without its storage, before HA does" in long
    assert "before CloudStack's own heartbeat does" in " ".join(EnableHa().warnings(enabling("60")))


def test_two_hosts_get_no_ha() -> None:
    pair = amber.facts().without_host("h-amber-3").without_host("h-amber-4")
    assert "At least 3 hosts are live" in failing(EnableHa().refusals(enabling("180", pair)))


@pytest.mark.parametrize("timeout", ["", "abc", "-1", "29", "901", "1e3", "١٨٠"])
def test_a_timeout_that_is_no_number_of_use_is_refused_in_a_sentence(timeout: str) -> None:
    with pytest.raises(NotKnown, match="The timeout has to be a whole number of seconds"):
        failing(EnableHa().refusals(enabling(timeout)))


def owing(found: Facts, *kinds: str) -> Situation:
    return amber.situation(found, {"run": "7", "host": "h-amber-3"}, ha=KEPT, owed=list(kinds))


def test_ha_is_not_put_back_with_a_member_dead_and_the_rest_is() -> None:
    found = dead().with_ha(enabled=False).with_cs_host("cs-amber-3", resourcestate="Maintenance")
    assert "Every member is live, as the master sees it" in failing(
        SettleDebts().refusals(owing(found, "ha"))
    )
    both = owing(found, "ha", "maintenance")
    assert failing(SettleDebts().refusals(both)) == []
    assert [step.key for step in SettleDebts().build(both)] == ["CancelOne"]
    assert "HA stays owed" in " ".join(SettleDebts().warnings(both))


def test_what_is_owed_about_a_host_that_has_left_can_still_be_paid() -> None:
    """Its record is in neither look: the run that owes remembers where it was."""
    gone = amber.facts().without_host("h-amber-3").with_cs_host("cs-amber-3", resourcestate="Maintenance")
    where = {"ref": "OpaqueRef:h", "name": "amber-3", "address": amber.address(3), "version": "8.2.1"}
    s = replace(owing(gone, "maintenance"), memory={"owed": ["maintenance"], "gone": {"h-amber-3": where}})
    (step,) = SettleDebts().build(s)
    assert step.key == "DeleteInCloudStack"
    assert failing(step.preconditions(s)) == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"version": "8.2.0"}, "NOT_SUPPORTED_DURING_UPGRADE"),
        ({"ha_licensed": False}, "LICENCE_RESTRICTION"),
        ({"enabled": False}, "xe host-enable"),
        ({"live": False}, "Add a host first"),
    ],
)
def test_enabling_ha_finds_before_the_start_what_xapi_would_refuse(
    fields: dict[str, object], why: str
) -> None:
    facts = amber.facts().with_ha(enabled=False).without_host("h-amber-4")
    s = amber.situation(facts.with_host("h-amber-3", **fields), {"sr": "sr-hb", "timeout": "180"})
    assert any(why in check.cure for check in EnableHa().refusals(s) if not check.ok)


@pytest.mark.parametrize("fields", [{"version": "8.2.0"}, {"ha_licensed": False}])
def test_ha_is_not_turned_off_for_work_where_it_could_not_come_back(fields: dict[str, object]) -> None:
    s = change(amber.facts().with_host("h-amber-3", **fields), ha=KEPT)
    assert len(failing(DisableHa().preconditions(s))) == 1
    assert failing(StopHa().preconditions(s)) == []


def test_an_old_cloudstack_is_told_when_ha_goes_on_beside_it() -> None:
    facts = amber.facts().with_ha(enabled=False).with_cloudstack(version="4.3.1.0")
    says = list(EnableHa().warnings(amber.situation(facts, {"sr": "sr-hb", "timeout": "180"})))
    assert any("two captains" in each for each in says)
