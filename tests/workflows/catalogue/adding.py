"""The world changes while hosts are added, and the run is aborted at any of its steps, on the lab: `make catalogue`.

Strangers are asked over the wire, so that these are not run in memory as the other workflows are (matrix.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lab.scenarios.build import add_vm, switch_ha_on
from lab.testing import RunningLab, running_lab
from lab.world import World, power
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.catalogue.test_adding_hosts import credentials, met, sent, vouched
from tests.workflows.engine.driving import drive, drive_to_the_end, look, person, yes
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, journal, newcomers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
STEPS = ("DisableHa", "JoinPool", "RestoreHa", "AddToCloudStack")
SECONDS = 60.0


@contextmanager
def adding(speed: float = 200) -> Iterator[tuple[RunningLab, Run]]:
    """birch-1 is to join amber; the run has begun."""
    with running_lab("strangers", speed=speed) as lab:
        pool = pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0, patience_s=3600)
        text = vouched(lab, "birch-1")
        asked = {"strangers": text}
        run = choices.plan_run(WORKFLOWS["add-hosts"], pool, asked, person("bo"), met(lab, pool, text))
        newcomers.keep(run, credentials(lab))
        choices.start(run, person("bo"))
        yield lab, run


def until(run: Run, key: str) -> None:
    """Confirm until that step is asked about."""
    while drive(run).state == RunState.CONFIRM:
        row = run.current()
        assert row
        if row.key == key:
            return
        yes(run, person("bo"))
    raise AssertionError((run.state, run.reason))


def ha_comes_on_with_the_default(world: World) -> None:
    switch_ha_on(world, world.pool("amber"), timeout=None)


def the_stranger_dies(world: World) -> None:
    power.kill(world, world.host("birch-1"))


def a_guest_is_started_on_the_stranger(world: World) -> None:
    add_vm(world, world.host("birch-1"), "by hand", sr="Local storage")


CHANGES = (
    ha_comes_on_with_the_default,
    the_stranger_dies,
    a_guest_is_started_on_the_stranger,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_join_is_closed_with_the_reason_when_the_world_changes(change: Callable[[World], None]) -> None:
    with adding() as (lab, run):
        until(run, "JoinPool")
        lab.do(change)
        deadline = time.monotonic() + SECONDS
        while not (reasons := against(run)):
            assert time.monotonic() < deadline
            Run.objects.filter(pk=run.pk).update(next_due_at=None)
            drive(run, until=lambda run: run.next_due_at is not None)
        assert all(reasons)
        with pytest.raises(choices.NotNow):
            yes(run, person("bo"))
        assert "pool.join" not in sent(lab)
        assert journal.verify(run) == []


def against(run: Run) -> list[str]:
    """Why the step that is asked about is closed."""
    row = run.current()
    if row is None or row.shown is None:
        return []
    failing = [check["cure"] or check["says"] for check in row.shown["checks"] if not check["ok"]]
    return failing + ([row.shown["unknown"]] if row.shown.get("unknown") else [])


@pytest.mark.parametrize("key", STEPS)
def test_aborted_before_a_step_what_it_owes_is_put_back(key: str) -> None:
    with adding() as (_, run):
        until(run, key)
        choices.abort(run, person("bo"), run.debts.filter(paid_at=None).exists(), "The night is over.")
        drive_to_the_end(run, person("bo"))
        assert run.state == RunState.ABORTED
        assert not run.debts.filter(paid_at=None).exists()
        after = look(run.pool).pool
        assert after and (after.ha.enabled, after.ha.timeout_s) == (True, 180)
