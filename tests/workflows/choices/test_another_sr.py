"""HA cannot be turned on with the SR that was chosen: another one, and what was shown says what moved meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pools.clients.errors import Refused
from pools.encoding import facts_to
from pools.facts import Facts
from pools.models import Pool
from tests.workflows.engine.driving import drive, drive_to_the_end, person
from tests.workflows.engine.toyworld import ToyWorld
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState, StepState
from workflows.models import Run, RunStep
from workflows.running import choices

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def enabling(pool: Pool, world: ToyWorld) -> Run:
    """HA is off; it is to be turned on with the NFS SR."""
    world.facts = world.facts.with_ha(enabled=False)
    inputs = {"sr": "sr-hb", "timeout": "180"}
    run = choices.plan_run(WORKFLOWS["enable-ha"], pool, inputs, person("bo"), world.facts)
    choices.start(run, person("bo"))
    return Run.objects.get(pk=run.pk)


@pytest.fixture
def failed(enabling: Run, world: ToyWorld) -> Run:
    """XenServer does not take that SR."""
    world.troubles["pool.enable_ha"] = [Refused("XenServer", "SR_BACKEND_FAILURE_181", "no room")]
    drive_to_the_end(enabling, person("bo"), world)
    Pool.objects.filter(pk=enabling.pool_id).update(facts=facts_to(world.facts), looked_at=world.facts.at)
    return Run.objects.get(pk=enabling.pk)


def current(run: Run) -> RunStep:
    row = Run.objects.get(pk=run.pk).current()
    assert row
    return row


def test_ha_goes_on_with_the_other_sr(failed: Run, world: ToyWorld) -> None:
    assert failed.state == RunState.FAILED
    choices.correct(failed, person("bo"), {"sr": "sr-iscsi"})
    assert drive_to_the_end(failed, person("bo"), world).state == RunState.DONE
    assert world.facts.pool and world.facts.pool.ha.statefile_srs == ("sr-iscsi",)
    assert world.sent.count("pool.enable_ha") == 1


def test_the_step_is_shown_anew_with_the_other_sr(failed: Run, world: ToyWorld) -> None:
    choices.correct(failed, person("bo"), {"sr": "sr-iscsi"})
    assert drive(failed, world).state == RunState.CONFIRM
    shown = current(failed).shown
    assert shown and "OpaqueRef:sr-iscsi" in shown["calls"][0]["request"]


def test_an_sr_that_only_one_host_sees_is_no_correction(failed: Run) -> None:
    with pytest.raises(choices.NotNow, match="attached on 1 of 4 hosts"):
        choices.correct(failed, person("bo"), {"sr": "sr-amber-1"})


def unplugged(facts: Facts) -> Facts:
    assert facts.pool
    pbds = facts.pool.pbds
    return facts.with_pool(
        pbds=tuple(
            replace(p, attached=False) if (p.host, p.sr) == ("h-amber-3", "sr-hb") else p for p in pbds
        )
    )


def upgraded(facts: Facts) -> Facts:
    return facts.with_host("h-amber-3", version="8.3.0")


def on_by_default(facts: Facts) -> Facts:
    """Another tool turns it on and says no timeout."""
    return facts.with_ha(enabled=True, timeout_s=None, configuration=(), statefile_srs=("sr-hb",))


@pytest.mark.parametrize("happens", [unplugged, upgraded, on_by_default])
def test_what_happens_while_a_person_thinks_is_shown_as_a_difference(
    enabling: Run, world: ToyWorld, happens: Callable[[Facts], Facts]
) -> None:
    drive(enabling, world)
    before = current(enabling)
    world.facts = happens(world.facts)
    drive(enabling, world, until=lambda run: current(run).digest != before.digest)
    after = current(enabling)
    assert after.state == StepState.CONFIRM and after.differences
    assert after.shown and after.shown["blocked"]
    with pytest.raises(choices.Moved):
        choices.confirm(Run.objects.get(pk=enabling.pk), before.index, person("bo"), before.digest)
    assert world.sent == []
