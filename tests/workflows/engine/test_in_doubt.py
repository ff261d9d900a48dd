"""A call whose answer is lost, of each kind: looked for first, sent again only on proof, and the proof is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pools.clients.errors import AnswerLost
from pools.facts import Facts
from pools.models import Pool
from tests.workflows.engine.driving import drive_to_the_end, person
from tests.workflows.engine.toyworld import EFFECTS, ToyWorld
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Attempt, Run
from workflows.running import choices

pytestmark = pytest.mark.django_db(transaction=True)

PROTECT = "VM.set_ha_restart_priority"
KINDS = {
    "an asynchronous call to XAPI": ("pool.eject", "EjectFromPool"),
    "a synchronous call to XAPI": (PROTECT, "UnprotectGuest"),
    "a job of CloudStack": ("prepareHostForMaintenance", "EnterMaintenance"),
    "a synchronous command to CloudStack": ("deleteHost", "DeleteInCloudStack"),
}


def unprotected(facts: Facts, ref: str, priority: str) -> Facts:
    assert facts.pool
    guests = (replace(vm, ha_restart_priority=priority) if vm.ref == ref else vm for vm in facts.pool.vms)
    return facts.with_pool(vms=tuple(guests))


@pytest.fixture
def protected(world: ToyWorld, monkeypatch: pytest.MonkeyPatch) -> ToyWorld:
    """HA would restart one guest."""
    monkeypatch.setitem(EFFECTS, PROTECT, unprotected)
    assert world.facts.pool
    world.facts = unprotected(world.facts, world.facts.pool.vms[0].ref, "restart")
    return world


def started(workflow: str, inputs: dict[str, str], pool: Pool, world: ToyWorld) -> Run:
    run = choices.plan_run(WORKFLOWS[workflow], pool, inputs, person("bo"), world.facts)
    choices.start(run, person("bo"))
    return run


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest, pool: Pool, protected: ToyWorld) -> tuple[Run, str, str]:
    """A run that sends such a call, the call, and its step."""
    call, step = KINDS[request.param]
    if call == PROTECT:
        return started("unprotect-vms", {}, pool, protected), call, step
    inputs = {"host": "h-amber-1", "successor": "h-amber-2"}
    return started("remove-master", inputs, pool, protected), call, step


def test_that_never_arrived_is_sent_once_more_and_says_what_was_looked_at(
    case: tuple[Run, str, str], protected: ToyWorld
) -> None:
    run, call, step = case
    protected.troubles[call] = [AnswerLost(call, "reset")]
    assert drive_to_the_end(run, person("bo"), protected).state == RunState.DONE
    assert protected.sent.count(call) == 1
    vanished = run.journal.get(kind="vanished")
    assert "It is not done." in vanished.data["seen"]
    outcomes = Attempt.objects.filter(step__run=run, step__key=step).order_by("number")
    assert [a.outcome for a in outcomes] == [Attempt.Outcome.VANISHED, Attempt.Outcome.DONE]


def test_that_did_arrive_is_not_sent_again_and_the_state_is_the_proof(
    case: tuple[Run, str, str], protected: ToyWorld
) -> None:
    run, call, step = case
    protected.lost_after = {call}
    assert drive_to_the_end(run, person("bo"), protected).state == RunState.DONE
    assert protected.sent.count(call) == 1
    assert run.journal.filter(kind="lost").exists()
    assert run.journal.filter(kind="done", says__contains="No answer came, but it is so.").count() == 1
    assert Attempt.objects.filter(step__run=run, step__key=step).count() == 1
