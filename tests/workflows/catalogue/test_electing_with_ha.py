"""An election while the members are still armed: HA has no statefile any more, and elects nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from lab.world import World
from pools import watching
from pools.encoding import facts_to
from pools.models import Pool
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.engine.driving import drive_to_the_end, look, person
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

ELECTION_IS_OVER = timedelta(seconds=301)
"""Longer than the timeout of 180 s and what XenServer takes beyond it."""


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=1000, plain=True) as lab:
        yield lab


def out_of_the_liveset(world: World) -> bool:
    hosts = world.pool("basalt").hosts
    return all(h.ha_armed and h.emergency and h.toolstack == "running" for h in hosts[1:])


def without_a_master(lab: RunningLab) -> Pool:
    """Basalt's rack loses its power; neither the heartbeat's storage nor the master come back with it."""
    pool = pool_of(lab, "basalt", cloudstack=cloudstack_of(lab), approvals_needed=0, plain_http=True)
    assert watching.watch(pool.pk)
    for host in lab.world.pool("basalt").hosts:
        lab.break_("storage-cut", host.name, sr="nfs-hb")
        lab.break_("kill", host.name)
    for host in lab.world.pool("basalt").hosts[1:]:
        lab.break_("revive", host.name)
    lab.wait_until(out_of_the_liveset)
    pool.refresh_from_db()
    last = timezone.now() - ELECTION_IS_OVER
    known = pool.last_good_facts()
    assert known
    Pool.objects.filter(pk=pool.pk).update(good_facts=facts_to(replace(known, at=last)), good_at=last)
    pool.refresh_from_db()
    return pool


def elected(pool: Pool) -> Run:
    facts = look(pool)
    uuids = {host.name: host.uuid for host in pool.last_good_facts().pool.hosts}  # type: ignore[union-attr]
    inputs = {"host": uuids["basalt-1"], "successor": uuids["basalt-2"]}
    run = choices.plan_run(WORKFLOWS["elect-master"], pool, inputs, person("bo"), facts)
    choices.start(run, person("bo"))
    return drive_to_the_end(run, person("bo"))


def test_the_candidate_is_disarmed_first_and_ha_stays_owed(lab: RunningLab) -> None:
    pool = without_a_master(lab)
    lab.do(lambda world: world.calls.clear())

    run = elected(pool)

    told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
    assert run.state == RunState.DONE, (run.reason, told)
    sent = [call["name"].removeprefix("Async.") for call in lab.calls(changing=True)]
    assert sent[:2] == ["host.emergency_ha_disable", "pool.emergency_transition_to_master"]
    assert sent.index("pool.recover_slaves") > sent.index("host.emergency_ha_disable", 1)
    facts = look(pool).pool
    assert facts and facts.master_host and facts.master_host.name == "basalt-2"
    assert not facts.ha.enabled
    assert [debt.kind for debt in run.debts.filter(paid_at=None)] == ["ha"]
