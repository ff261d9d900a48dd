"""What may befall a pool between two steps, and what then must be true of any run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pools.facts import Facts, Vm
from tests.workflows import amber
from tests.workflows.catalogue.projecting import Projection, begun, told, walked
from tests.workflows.engine.driving import drive, person, yes
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, journal

Change = Callable[[Facts], Facts]


def master_moves(facts: Facts) -> Facts:
    return facts.with_master("h-amber-4") if facts.pool and facts.pool.host("h-amber-4") else facts


def a_member_dies(facts: Facts) -> Facts:
    probes = tuple(replace(p, answers=p.answers and p.address != amber.address(4)) for p in facts.probes)
    facts = replace(facts, probes=probes)
    return facts.with_host("h-amber-4", live=False, enabled=False) if facts.pool else facts


def ha_comes_on_with_the_default(facts: Facts) -> Facts:
    """As XenCenter does it: no timeout said."""
    return facts.with_ha(enabled=True, timeout_s=None, configuration=()) if facts.pool else facts


def a_guest_is_started(facts: Facts) -> Facts:
    """On each host, so that it is on the run's as well."""
    if facts.pool is None:
        return facts
    new = (
        Vm(uuid=f"vm-{h.uuid}", ref=f"OpaqueRef:{h.uuid}", name="by hand", power_state="Running", host=h.uuid)
        for h in facts.pool.hosts
    )
    return facts.with_pool(vms=(*facts.pool.vms, *new))


def the_old_master_returns(facts: Facts) -> Facts:
    """amber-1 answers again, and takes itself for the master."""
    back = (
        replace(p, answers=True, master=amber.address(1)) if p.address == amber.address(1) else p
        for p in facts.probes
    )
    facts = replace(facts, probes=tuple(back))
    return facts if facts.pool else replace(facts, pool=amber.facts().pool, pool_trouble=None)


CHANGES: dict[str, Change] = {
    change.__name__.replace("_", " "): change
    for change in (
        master_moves,
        a_member_dies,
        ha_comes_on_with_the_default,
        a_guest_is_started,
        the_old_master_returns,
    )
}


def comes_to_rest(variant: str, after: int, change: Change) -> None:
    """The world changes before a step is confirmed. The run goes on if it still may; else it waits for a person with
    the reason, or has failed with one. It never breaks, and never sends what its own checks forbid."""
    run, world = begun(variant)
    walked(run, world, after)
    world.facts = change(world.facts)
    _as_far_as_it_goes(run, world)
    assert run.state in (RunState.DONE, RunState.CONFIRM, RunState.FAILED), (run.reason, told(run))
    row = run.current()
    if run.state == RunState.CONFIRM:
        assert row and row.shown
        reasons = [check["cure"] or check["says"] for check in row.shown["checks"] if not check["ok"]]
        assert reasons and all(reasons)
    if run.state == RunState.FAILED:
        assert row and row.error_code and row.error_code != "BROKEN_STEP", run.reason
    assert journal.verify(run) == []


def _as_far_as_it_goes(run: Run, world: Projection) -> None:
    """Waits are over at once: in a world that stands still, waiting longer is of no use."""
    while True:
        stop = drive(run, world, until=_rests)
        if stop.state != RunState.CONFIRM:
            return
        try:
            yes(run, person("bo"))
        except choices.NotNow:
            return


def _rests(run: Run) -> bool:
    """Waits for a person, has ended, or only waits for what does not come."""
    row = run.current()
    waits = row is not None and run.state == RunState.RUNNING and bool(row.progress)
    if waits and row is not None:
        type(row).objects.filter(pk=row.pk).update(deadline_at=row.started_at)
    return run.state not in (RunState.STARTING, RunState.RUNNING)
