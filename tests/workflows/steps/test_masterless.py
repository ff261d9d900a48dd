"""The traps of a pool without a master: a second one, a late election, a candidate that is no use, a stale database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Facts, Trouble
from tests.workflows import amber
from tests.workflows.steps.test_every_step import masterless, masterless_start
from workflows.catalogue.break_fence_loop import BreakFenceLoop
from workflows.catalogue.elect_master import ElectMaster
from workflows.engine.plan import project
from workflows.engine.situation import Situation, with_known
from workflows.engine.step import Check
from workflows.steps.dead import DeclareDead, StateItIsOff
from workflows.steps.disarming import DisarmCandidate, DisarmMember, HaIsOff, RememberHaFromBefore
from workflows.steps.electing import EmergencyTransition, IsItDead, LeadOutOfTheLoop
from workflows.steps.following import (
    CloudStackFollows,
    CompareDatabase,
    PointMembersAtMaster,
    RecoverMembers,
    RestoreHaWhenWhole,
    missing,
)

INPUTS = {"host": "h-amber-1", "successor": "h-amber-2"}
elect, fence = ElectMaster(), BreakFenceLoop()


def failing(checks: Iterable[Check]) -> list[str]:
    return [check.says for check in checks if not check.ok]


def start(ha: bool = False) -> Situation:
    return masterless_start(ha, INPUTS)


def elected(ha: bool = False, **memory: object) -> Situation:
    """amber-2 is master; the others have not heard of it yet."""
    s = start(ha)
    return s.after(EmergencyTransition().expect(s), memory)


def answering(facts: Facts, host: int, **fields: object) -> Facts:
    probes = (
        replace(p, **{"answers": True, **fields}) if p.address == amber.address(host) else p  # type: ignore[arg-type]
        for p in facts.probes
    )
    return replace(facts, probes=tuple(probes))


def test_a_dead_master_and_a_candidate_that_answers_are_all_it_takes() -> None:
    assert failing(elect.refusals(start())) == []
    assert IsItDead().done(start())


@pytest.mark.parametrize(
    ("version", "managed", "ha", "waits"),
    [
        ("4.3.1.0", "Managed", False, True),
        ("4.3.1.0", "Unmanaged", False, False),
        ("4.3.1.0", "Managed", True, False),
        ("4.3.2.0", "Managed", False, False),
    ],
)
def test_a_cloudstack_that_elects_by_itself_is_given_its_turn(
    version: str, managed: str, ha: bool, waits: bool
) -> None:
    s = start(ha)
    seen = s.facts.with_cloudstack(version=version, managedstate=managed)
    says = failing(elect.refusals(s.after(seen)))
    assert ("CloudStack leaves the election to us" in says) == waits


def test_nobody_is_elected_beside_a_master_that_answers() -> None:
    _, known = masterless()
    back = replace(start(), facts=known)
    assert "amber-1 does not answer, and nobody else does as master" in failing(elect.refusals(back))
    assert IsItDead().stuck(back) == "amber-1 answers as the master: there is nothing to elect."
    assert failing(EmergencyTransition().preconditions(back))


def test_a_silence_is_told_as_what_it_is_and_not_as_a_machine_that_runs() -> None:
    s = start()
    refused = replace(
        s, facts=replace(s.facts, pool_trouble=Trouble(code="refused", says="10.0.0.1 refuses it."))
    )
    told = next(check.detail for check in EmergencyTransition().preconditions(refused))
    assert told == "the connection is refused; whether amber-1 has power, only a look at the machine tells"


def test_a_master_that_only_half_answers_is_not_dead() -> None:
    s = start()
    half = replace(s, facts=answering(s.facts, 1))
    assert "amber-1 does not answer, and nobody else does as master" in failing(elect.refusals(half))


def test_an_election_that_somebody_else_held_is_found() -> None:
    s = start()
    other = replace(s, facts=answering(s.facts, 3, master=amber.address(4)))
    assert "No member follows another master" in failing(elect.refusals(other))


def test_a_silent_candidate_is_ruled_out() -> None:
    seen, known = masterless()
    quiet = replace(
        seen, probes=tuple(replace(p, answers=p.address == amber.address(3)) for p in seen.probes)
    )
    ranked = elect.candidates("successor", with_known(quiet, known), {})
    assert [(c.label, c.possible) for c in ranked][:2] == [("amber-3", True), ("amber-2", False)]
    assert "amber-2 answers at its own address" in failing(elect.refusals(replace(start(), facts=quiet)))


def test_while_ha_may_still_elect_xenserver_goes_first() -> None:
    s = start(ha=True)
    early = replace(s, facts=replace(s.facts, at=s.baseline.at + timedelta(seconds=299)))
    assert failing(IsItDead().preconditions(early)) == ["HA has had its time to elect"]
    late = replace(s, facts=replace(s.facts, at=s.baseline.at + timedelta(seconds=300)))
    assert failing(IsItDead().preconditions(late)) == []


@pytest.mark.parametrize(
    "power, asked, blocked", [("", True, False), ("Off", False, False), ("On", True, True)]
)
def test_out_of_band_management_is_asked_before_a_person(power: str, asked: bool, blocked: bool) -> None:
    s = start()
    told = replace(s, facts=s.facts.with_cs_host("cs-amber-1", power=power))
    assert StateItIsOff().applies(told).ok is asked
    assert bool(failing(StateItIsOff().preconditions(told))) is blocked


def test_the_name_of_the_dead_is_typed_and_the_name_of_the_new_one_too() -> None:
    assert StateItIsOff().typed(start()) == "amber-1"
    assert DeclareDead().typed(start()) == "amber-1"
    assert EmergencyTransition().typed(start()) == "amber-2"


def test_with_ha_armed_the_candidate_is_disarmed_before_anybody_else() -> None:
    keys = [step.key for step in elect.build(start(ha=True))]
    assert keys.index("DisarmCandidate") < keys.index("EmergencyTransition") < keys.index("DisarmMember")
    assert "DisarmCandidate" not in [step.key for step in elect.build(start())]


def test_ha_is_owed_with_the_settings_that_the_old_master_showed() -> None:
    s = start(ha=True)
    s = s.after(s.facts, RememberHaFromBefore().remember(s))
    assert s.memory["ha"]["timeout_s"] == 180
    assert DisarmCandidate().owing(s) == (
        "HA is off on amber: its hosts were disarmed so that one of them could be master."
    )


def test_a_member_is_not_disarmed_while_the_pool_has_ha_on() -> None:
    s = elected(ha=True)
    still_on = replace(s, facts=s.facts.with_ha(enabled=True))
    assert failing(DisarmMember("h-amber-3", "amber-3").preconditions(still_on)) == ["HA is off in the pool"]
    assert not HaIsOff().done(still_on)


def test_a_silent_member_is_not_waited_for_and_one_that_follows_is_left_alone() -> None:
    s = elected(ha=True)
    gone = answering(s.facts, 3, answers=False)
    assert "does not answer" in DisarmMember("h-amber-3", "amber-3").applies(replace(s, facts=gone)).says
    back = answering(s.facts, 3, master=amber.address(2)).with_host("h-amber-3", live=True)
    assert "follows" in DisarmMember("h-amber-3", "amber-3").applies(replace(s, facts=back)).says


def test_members_are_asked_whom_they_follow_since_the_call_swallows_errors() -> None:
    s = elected()
    assert not RecoverMembers().done(s)
    one = answering(s.facts, 3, master=amber.address(2)).with_host("h-amber-3", live=True)
    assert RecoverMembers().progress(replace(s, facts=one)).left == 1
    lines = [call.by_hand for call in PointMembersAtMaster().calls(replace(s, facts=one))]
    assert lines == [f"on amber-4: xe pool-emergency-reset-master master-address={amber.address(2)}"]


def test_a_member_in_emergency_mode_has_not_come_back() -> None:
    s = elected()
    facts = answering(s.facts, 3, master=amber.address(2), emergency=True).with_host("h-amber-3", live=True)
    assert "amber-3" in RecoverMembers().progress(replace(s, facts=facts)).says


def test_an_old_master_that_returns_beside_the_new_one_stops_the_run() -> None:
    s = elected()
    two = answering(s.facts, 1, master=amber.address(1))
    assert failing(RecoverMembers().preconditions(replace(s, facts=two))) == [
        "amber-1 is not back as a second master"
    ]
    assert "amber-1 does not answer at its own address" in failing(
        DeclareDead().preconditions(replace(s, facts=two))
    )


def test_a_transition_that_another_host_won_is_stuck_at_once() -> None:
    s = start()
    other = replace(s, facts=s.known.with_master("h-amber-3"))
    assert EmergencyTransition().stuck(other) == "amber-3 answers as the master instead."


def test_a_live_host_is_not_declared_dead() -> None:
    s = elected()
    alive = s.facts.with_host("h-amber-1", live=True)
    assert "The pool takes amber-1 for dead" in failing(DeclareDead().preconditions(replace(s, facts=alive)))


def test_what_the_new_masters_database_lacks_is_named() -> None:
    was = amber.facts().pool
    assert was
    first, second, *rest = was.vms
    stale = replace(was, vms=(replace(second, power_state="Halted", host=""), *rest), srs=was.srs[1:])
    assert list(missing(was, stale)) == [
        "SR nfs-hb is missing",
        f"guest {first.name} is missing",
        f"guest {second.name} was Running on amber-3 and is Halted there",
    ]


def test_the_comparison_stands_before_the_next_button() -> None:
    s = elected()
    kept = s.after(s.facts, CompareDatabase().remember(s))
    assert CompareDatabase().done(kept)
    lacking = s.after(s.facts, {"missing": ["guest i-2-1-VM is missing"]})
    (said,) = [c for c in RecoverMembers().preconditions(lacking) if c.detail]
    assert said.ok and said.detail == "guest i-2-1-VM is missing"


def test_ha_stays_owed_while_a_member_is_dead() -> None:
    s = elected(ha=True)
    s = s.after(s.facts, RememberHaFromBefore().remember(s))
    assert "amber-1" in RestoreHaWhenWhole().applies(s).says
    assert not RestoreHaWhenWhole().applies(s).ok


def test_the_plan_says_in_a_few_sentences_what_a_person_has_to_know() -> None:
    said = {line.asks: line for line in elect.glance(start())}
    assert said["Dead"].says == (
        "amber-1, the master: silent at its own address. 3 of 3 members wait for it."
    )
    assert said["Dead"].at.startswith("2026-") and said["Dead"].tone == "bad"
    assert said["New master"].says.startswith("amber-2: answers, all storage attached")
    assert "amber-3, amber-4 could too" in said["New master"].says
    assert "you type amber-1 and answer for it" in said["Proof that it is off"].says
    assert "02:45:00 UTC: a member's copy may be 15 min old" in said["May be lost"].says
    assert len(said) <= 6


def test_what_a_step_waits_for_does_not_block_it_in_the_plan() -> None:
    s = start()
    for number in (2, 3, 4):
        s = s.after(s.facts.with_cs_host(f"cs-amber-{number}", state="Alert"))
    planned = project(elect.build(s), s)
    (waits,) = [one for one in planned if isinstance(one.step, CloudStackFollows)]
    assert [(check.ok, check.then) for check in waits.checks] == [(False, True)]


def test_nobody_is_called_dead_who_answers() -> None:
    living = amber.situation(amber.facts(), {"host": "h-amber-1", "successor": "h-amber-2"})
    said = {line.asks: line.says for line in elect.glance(living)}
    assert said["Dead"] == "Nobody: amber-1, the master, answers."


def test_a_pool_without_ha_has_no_fence_loop_and_a_well_one_neither() -> None:
    off = masterless_start(False, {"successor": "h-amber-2"})
    assert failing(fence.refusals(off)) == ["HA was on when the pool last answered"]
    well = amber.situation(amber.facts(), {"successor": "h-amber-2"})
    assert failing(fence.refusals(well)) == ["The pool has no master, or a member is in emergency mode"]


def test_the_page_explains_why_two_hosts_loop_and_that_ha_stays_off() -> None:
    seen, known = masterless()
    pair = known.with_ha(enabled=True, timeout_s=60).without_host("h-amber-3").without_host("h-amber-4")
    s = Situation(facts=seen, baseline=with_known(seen, pair), inputs={"successor": "h-amber-1"})
    said = " ".join(fence.warnings(s))
    assert "because they are never up together" in said
    assert "The timeout is 60 s" in said
    assert "HA stays off" in said
    assert DisarmCandidate().owing(s) == ""


def test_a_host_that_is_master_by_its_own_file_needs_no_transition() -> None:
    assert not LeadOutOfTheLoop().applies(masterless_start(True, {"successor": "h-amber-1"})).ok
    assert LeadOutOfTheLoop().applies(masterless_start(True, {"successor": "h-amber-2"})).ok
