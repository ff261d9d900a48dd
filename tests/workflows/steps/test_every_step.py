"""What holds for every step of every workflow, because a step is a class."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Facts, Trouble
from tests.workflows import amber, strangers
from workflows.catalogue import STEPS, WORKFLOWS, step_for
from workflows.engine.diff import diff
from workflows.engine.situation import Situation, with_known
from workflows.engine.step import Risk, Step
from workflows.steps.ha import RememberHa


def troubled() -> Facts:
    """amber-3 came back disabled with its storage unplugged, and CloudStack shows it in Alert."""
    found = amber.facts()
    assert found.pool
    lost = tuple(replace(p, attached=p.uuid != "pbd-amber-3-sr-iscsi") for p in found.pool.pbds)
    return (
        found.with_host("h-amber-3", enabled=False)
        .with_pool(pbds=lost)
        .with_cs_host("cs-amber-3", state="Alert")
    )


def with_ha_off() -> Facts:
    """Nobody would recover the master, no guard is set, and a wizard left a guest protected."""
    found = amber.facts().with_ha(enabled=False, default_timeout_s=None)
    assert found.pool
    first, *rest = found.pool.vms
    return found.with_pool(vms=(replace(first, ha_restart_priority="restart"), *rest))


def masterless() -> tuple[Facts, Facts]:
    """amber-1 fell silent with HA off (long ago, so that nobody elects any more): what is seen, and what was known."""
    known = amber.facts().with_ha(enabled=False)
    probes = tuple(replace(p, answers=p.address != amber.address(1)) for p in known.probes)
    seen = Facts(
        at=amber.AT + timedelta(hours=1),
        pool_trouble=Trouble(code="timeout", says="No answer."),
        cloudstack=known.cloudstack,
        probes=probes,
    )
    return seen, known


def masterless_start(ha: bool, inputs: dict[str, str]) -> Situation:
    seen, known = masterless()
    known = known.with_ha(enabled=ha)
    return Situation(facts=seen, baseline=with_known(seen, known), inputs=inputs)


def start_of(slug: str) -> Situation:
    if slug == "elect-master":
        return masterless_start(False, {"host": "h-amber-1", "successor": "h-amber-2"})
    if slug == "break-fence-loop":
        return masterless_start(True, {"successor": "h-amber-2"})
    if slug == "change-master":
        return amber.situation(amber.facts(), {"successor": "h-amber-2"})
    if slug == "disable-ha":
        return amber.situation(amber.facts(), {"wish": "for-now"})
    if slug == "remove-host":
        return amber.situation(amber.facts(), {"host": "h-amber-3"})
    if slug == "add-hosts":
        return amber.situation(strangers.beside(amber.facts()), {"strangers": "127.10.9.1"})
    if slug == "build-cluster":
        inputs = {"strangers": "127.10.9.1", "sr": "sr-hb", "timeout": "180", "pod": "pod-1"}
        return amber.situation(strangers.unknown_to_cloudstack(), inputs)
    if slug == "rolling-reboot":
        return amber.situation(amber.facts(), {"hosts": "h-amber-1,h-amber-2", "put_back": "yes"})
    if slug == "unprotect-vms":
        return amber.situation(with_ha_off(), {})
    if slug == "enable-ha":
        return amber.situation(with_ha_off(), {"sr": "sr-hb", "timeout": "180"})
    if slug == "change-ha-timeout":
        return amber.situation(amber.facts().with_ha(timeout_s=60), {"timeout": "180"})
    if slug == "settle-debts":
        left = with_ha_off().with_cs_host("cs-amber-1", resourcestate="Maintenance")
        kept = RememberHa().remember(amber.situation())["ha"]
        return amber.situation(left, {"host": "h-amber-1", "run": "7"}, ha=kept, owed=["ha", "maintenance"])
    if slug == "reenable-host":
        return amber.situation(troubled(), {"host": "h-amber-3"})
    return amber.situation()


def walk(slug: str) -> list[tuple[Step, Situation, Situation]]:
    """Each step with the situation it would meet and the one it should leave, projected."""
    s, found = start_of(slug), []
    for step in WORKFLOWS[slug].build(s):
        kept = step.remember(s) if step.applies(s).ok else {}
        after = s.after(step.expect(s), kept) if step.applies(s).ok else s
        found.append((step, s, after))
        s = after
    return found


def every_step() -> list[object]:
    return [
        pytest.param(step, before, after, id=f"{slug}-{step.key}")
        for slug in WORKFLOWS
        for step, before, after in walk(slug)
    ]


@pytest.mark.parametrize("step, before, after", every_step())
def test_a_step_is_done_in_the_situation_it_expects(step: Step, before: Situation, after: Situation) -> None:
    assert not step.applies(before).ok or step.done(after) or step.answer_is_proof


@pytest.mark.parametrize("step, before, after", every_step())
def test_on_a_well_pool_every_check_holds_by_the_time_its_step_comes(
    step: Step, before: Situation, after: Situation
) -> None:
    meets = after if step.risk is Risk.NONE else before
    assert not step.applies(before).ok or [c.says for c in step.preconditions(meets) if not c.ok] == []


@pytest.mark.parametrize("step, before, after", every_step())
def test_a_step_that_changes_something_says_what_it_sends_and_what_will_differ(
    step: Step, before: Situation, after: Situation
) -> None:
    if step.changes_something and step.applies(before).ok and not step.done(before):
        if not step.answer_is_proof:  # else what it changes shows nowhere, and a statement sends nothing
            assert list(step.calls(before))
            assert diff(before.known, after.facts)
        assert step.undo and step.undo != Step.undo
    if not step.changes_something:
        assert not list(step.calls(before))


@pytest.mark.parametrize("step, before, after", every_step())
def test_a_step_says_why_and_finds_its_class_again(step: Step, before: Situation, after: Situation) -> None:
    assert len(step.why) > 40
    assert step_for(step.key, step.args) == step
    assert "{" not in step.heading(before)


def test_every_debt_of_a_workflow_is_paid_by_a_later_step() -> None:
    for slug in WORKFLOWS:
        steps = [step for step, _, _ in walk(slug)]
        for i, step in enumerate(steps):
            later = {kind for each in steps[i + 1 :] for kind in each.pays} | set(WORKFLOWS[slug].leaves)
            assert not step.owes or step.owes in later


def test_every_step_class_of_the_rooms_is_in_the_list() -> None:
    assert {type(step).__name__ for slug in WORKFLOWS for step, _, _ in walk(slug)} <= set(STEPS)
