"""The world changes while hosts join a pool, and the run is aborted at any of its steps, on the lab: `make catalogue`.

Strangers are asked over the wire, so that these are not run in memory as the other workflows are (matrix.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from lab.scenarios.build import add_vm, switch_ha_on
from lab.scenarios.strangers import no_licence, other_version
from lab.testing import RunningLab
from lab.world import Pool as LabPool
from lab.world import World, pooling, power
from tests.faults.cases import started
from tests.workflows.catalogue.test_adding_hosts import sent
from tests.workflows.engine.driving import drive, drive_to_the_end, look, person, yes
from workflows.engine.states import RunState
from workflows.models import Run, RunStep
from workflows.running import choices, journal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
SPEED = 200.0
STEPS = {
    "add-hosts": ("DisableHa", "JoinPool", "RestoreHa", "AddToCloudStack"),
    "build-cluster": ("JoinPool", "TurnHaOn", "MakeCluster", "AddToCloudStack"),
}
"""What a person is asked about, in order."""
POOLS = {"add-hosts": "amber", "build-cluster": "cedar"}
SECONDS = 60.0
SETTLES_S = 4.0
"""Real ones, some 13 min of the lab: what still stands still then is left alone."""
Change = Callable[[World, LabPool], object]


def master_moves(world: World, pool: LabPool) -> None:
    pooling.change_master(world, pool, pool.hosts[1])


def a_member_dies(world: World, pool: LabPool) -> None:
    power.kill(world, pool.hosts[-1])


def ha_comes_on_with_the_default(world: World, pool: LabPool) -> None:
    """As XenCenter does it: no timeout said."""
    switch_ha_on(world, pool, timeout=None)


def a_guest_is_started(world: World, pool: LabPool) -> None:
    for host in pool.hosts:
        add_vm(world, host, f"by hand on {host.name}")


def the_old_master_returns(world: World, pool: LabPool) -> None:
    """It was cut off, the others were given another master by hand, and it comes back."""
    old, new, *others = pool.hosts
    power.cut_network(world, old)
    pooling.become_master(world, new)
    for host in others:
        pooling.follow(world, host, new.address)
    world.after(120.0, lambda: power.mend_network(world, old))


def the_stranger_dies(world: World, _pool: LabPool) -> None:
    power.kill(world, world.host("birch-1"))


def a_guest_is_started_on_the_stranger(world: World, _pool: LabPool) -> None:
    add_vm(world, world.host("birch-1"), "by hand", sr="Local storage")


def the_stranger_joins_another_pool(world: World, pool: LabPool) -> None:
    other = next(each for each in world.pools if each.name in ("amber", "cedar") and each is not pool)
    pooling.take_in(world, world.host("birch-1"), other)


def the_stranger_is_installed_anew_with_another_version(world: World, _pool: LabPool) -> None:
    other_version(world, world.host("birch-1"))


def the_strangers_licence_ends(world: World, _pool: LabPool) -> None:
    no_licence(world, world.host("birch-1"))


IN_THE_POOL: tuple[Change, ...] = (
    *(master_moves, a_member_dies, ha_comes_on_with_the_default, a_guest_is_started, the_old_master_returns),
)
OF_THE_STRANGER: tuple[Change, ...] = (
    *(the_stranger_dies, a_guest_is_started_on_the_stranger, the_stranger_joins_another_pool),
    *(the_stranger_is_installed_anew_with_another_version, the_strangers_licence_ends),
)


def everywhere() -> list[object]:
    return [pytest.param(way, key, id=f"{way}-{key}") for way, keys in STEPS.items() for key in keys]


@pytest.mark.parametrize("change", IN_THE_POOL, ids=lambda change: change.__name__)
@pytest.mark.parametrize("way, key", everywhere())
def test_when_the_pool_changes_it_goes_on_or_says_why_not(way: str, key: str, change: Change) -> None:
    with started(way, SPEED, 1) as (lab, run):
        until(run, key)
        lab.do(lambda world: change(world, world.pool(POOLS[way])))
        as_far_as_it_goes(run)
        told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
        assert run.state in (RunState.DONE, RunState.CONFIRM, RunState.FAILED), (run.reason, told)
        row = run.current()
        if run.state == RunState.CONFIRM:
            assert all(against(run)) and against(run), told
        if run.state == RunState.FAILED:
            assert row and row.error_code and row.error_code != "BROKEN_STEP", run.reason
        assert sent(lab).count("pool.join") <= 1
        assert sent(lab).count("addHost") <= 1
        assert journal.verify(run) == []


@pytest.mark.parametrize("change", OF_THE_STRANGER, ids=lambda change: change.__name__)
@pytest.mark.parametrize("way", STEPS)
def test_a_join_is_closed_with_the_reason_when_the_stranger_changes(way: str, change: Change) -> None:
    with started(way, SPEED, 1) as (lab, run):
        until(run, "JoinPool")
        lab.do(lambda world: change(world, world.pool(POOLS[way])))
        is_closed(lab, run)


def test_no_join_is_sent_while_somebody_has_turned_ha_on() -> None:
    with started("add-hosts", SPEED, 1) as (lab, run):
        until(run, "JoinPool")
        lab.do(lambda world: ha_comes_on_with_the_default(world, world.pool("amber")))
        is_closed(lab, run)


@pytest.mark.parametrize("way, key", everywhere())
def test_aborted_before_a_step_what_it_owes_is_put_back(way: str, key: str) -> None:
    with started(way, SPEED, 1) as (_, run):
        until(run, key)
        choices.abort(run, person("bo"), run.debts.filter(paid_at=None).exists(), "The night is over.")
        drive_to_the_end(run, person("bo"))
        assert run.state == RunState.ABORTED
        assert not run.debts.filter(paid_at=None).exists()
        after = look(run.pool).pool
        if way == "add-hosts":
            assert after and (after.ha.enabled, after.ha.timeout_s) == (True, 180)


def until(run: Run, key: str) -> None:
    """Confirm until that step is asked about."""
    while drive(run).state == RunState.CONFIRM:
        row = run.current()
        assert row
        if row.key == key:
            return
        yes(run, person("bo"))
    raise AssertionError((run.state, run.reason))


def is_closed(lab: RunningLab, run: Run) -> None:
    """The step that is asked about says why it may not be confirmed, soon, and nothing was sent to the stranger."""
    deadline = time.monotonic() + SECONDS
    while not (reasons := against(run)):
        assert time.monotonic() < deadline
        look_again(run)
    assert all(reasons)
    with pytest.raises(choices.NotNow):
        yes(run, person("bo"))
    assert "pool.join" not in sent(lab)
    assert journal.verify(run) == []


def look_again(run: Run) -> None:
    """What is shown is read anew, at once."""
    Run.objects.filter(pk=run.pk).update(next_due_at=None)
    drive(run, until=lambda run: run.next_due_at is not None)


def against(run: Run) -> list[str]:
    """Why the step that is asked about is closed."""
    row = run.current()
    if row is None or row.shown is None:
        return []
    failing = [check["cure"] or check["says"] for check in row.shown["checks"] if not check["ok"]]
    return failing + ([row.shown["unknown"]] if row.shown.get("unknown") else [])


def as_far_as_it_goes(run: Run) -> None:
    """Somebody says yes wherever it may be said, and gives the captains time to settle."""
    while drive(run, until=_rests).state == RunState.CONFIRM:
        settled = time.monotonic() + SETTLES_S
        while against(run) and time.monotonic() < settled:
            look_again(run)
            time.sleep(0.1)  # the lab's clock goes on for 20 s
        if against(run):
            return
        with suppress(choices.NotNow):  # it moved just now: read again
            yes(run, person("bo"))


def _rests(run: Run) -> bool:
    """Waits for a person, has ended, or has waited long enough for what does not come."""
    row = run.current()
    waits = row if row and run.state == RunState.RUNNING and row.progress else None
    if waits and waits.started_at and time.time() - waits.started_at.timestamp() > SETTLES_S:
        RunStep.objects.filter(pk=waits.pk).update(deadline_at=waits.started_at)
    return run.state not in (RunState.STARTING, RunState.RUNNING)
