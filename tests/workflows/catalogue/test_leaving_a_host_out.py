"""A host that will not reboot is left out with a reason: the others have their turn, and what it is owed stays."""

from __future__ import annotations

import pytest

from pools.clients.errors import Refused
from tests.workflows.catalogue.projecting import Projection, begun, settled, to_the_end, told
from tests.workflows.engine.driving import drive, person, yes
from workflows.engine.states import RunState, StepState
from workflows.models import Pause, Run
from workflows.running import choices

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker", "at_once")]


def at_the_reboot_of(host: str) -> tuple[Run, Projection]:
    """The run waits for a yes to that host's reboot."""
    run, world = begun("rolling-reboot")
    for _ in range(30):
        row = drive(run, world).current()
        assert row, told(run)
        if (row.key, row.args.get("host")) == ("RebootOne", host):
            return run, world
        yes(run, person("bo"))
    raise AssertionError(told(run))


def owed(run: Run) -> set[tuple[str, str]]:
    return {(debt.kind, debt.settings["inputs"].get("host", "")) for debt in run.debts.filter(paid_at=None)}


def test_the_rest_of_its_steps_are_not_needed_and_its_debts_stay_until_they_are_settled() -> None:
    run, world = at_the_reboot_of("h-amber-1")
    world.refuse_next = Refused("XenServer", "HOST_NOT_DISABLED", "OpaqueRef:h-amber-1")
    yes(run, person("bo"))
    assert drive(run, world).state == RunState.FAILED
    choices.skip(run, person("bo"), "Its remote console shows a broken disk.")
    to_the_end(run, world)

    assert run.state == RunState.DONE, (run.reason, told(run))
    its = run.steps.filter(
        args__host="h-amber-1", index__gt=run.steps.get(key="RebootOne", args__host="h-amber-1").index
    )
    assert set(its.exclude(key="BringBackOne").values_list("state", flat=True)) == {StepState.NOT_NEEDED}
    assert run.steps.get(key="RebootOne", args__host="h-amber-2").state == StepState.DONE
    assert owed(run) == {("maintenance", "h-amber-1"), ("host-disabled", "h-amber-1")}
    assert settled(run, world) == []


def test_what_one_host_is_owed_is_not_paid_by_anothers_step() -> None:
    run, _ = at_the_reboot_of("h-amber-2")
    assert owed(run) == {("ha", ""), ("maintenance", "h-amber-2"), ("host-disabled", "h-amber-2")}


def test_abort_and_pay_takes_back_this_host_and_turns_ha_on() -> None:
    run, world = at_the_reboot_of("h-amber-1")
    choices.abort(run, person("bo"), True, "The night is over.")
    to_the_end(run, world)
    assert run.state == RunState.ABORTED
    assert owed(run) == set()
    assert world.sent[-4:] == ["updateCluster", "host.enable", "cancelHostMaintenance", "pool.enable_ha"]


def test_it_rests_when_a_host_is_whole_again_with_nothing_half_done_but_ha() -> None:
    run, world = at_the_reboot_of("h-amber-1")
    choices.pause(run, person("bo"), Pause.POINT)
    while not run.paused_at:
        yes(run, person("bo"))
        drive(run, world)
    row = run.current()
    assert row and (row.key, row.args["host"]) == ("MaintainOne", "h-amber-2"), told(run)
    assert owed(run) == {("ha", "")}
    sent = list(world.sent)
    with pytest.raises(choices.NotNow):
        yes(run, person("bo"))
    choices.go_on(run, person("bo"))
    assert to_the_end(run, world).state == RunState.DONE
    assert world.sent[: len(sent)] == sent and world.sent.count("host.reboot") == 2
