"""Who recovers a dead master is the pool's policy: each shown on the lab, from the last heartbeat on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.templatetags.remedies import remedy
from lab.testing import RunningLab, running_lab
from lab.world import power
from pools import watching
from pools.encoding import facts_to
from pools.models import Finding, Pool
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.catalogue.cases import ha_goes_off
from tests.workflows.engine.driving import drive_to_the_end, person
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, preparing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=1000, plain=True) as lab:
        yield lab


def seen(lab: RunningLab, **policy: object) -> Pool:
    """Basalt, looked at while its master lived."""
    pool = pool_of(
        lab, "basalt", cloudstack=cloudstack_of(lab), approvals_needed=0, plain_http=True, **policy
    )
    assert watching.watch(pool.pk)
    return pool


def dies(lab: RunningLab, pool: Pool) -> Finding:
    """The master loses its power; what the next look finds."""
    lab.do(lambda world: power.kill(world, world.host("basalt-1")))
    assert watching.watch(pool.pk)
    return Finding.objects.open().get(pool=pool, code="master-unreachable")


def test_operators_find_the_election_prepared_and_nothing_sent(lab: RunningLab) -> None:
    lab.do(ha_goes_off)
    pool = seen(lab, recovery="operators", wants_ha=False)
    assert dies(lab, pool).remedy == "elect-master"

    for _ in range(3):  # as the sweeper does it, each second
        preparing.prepare()

    run = Run.objects.get(workflow="elect-master")
    assert run.state == RunState.APPROVAL
    assert run.title.startswith("Elect basalt-")
    assert run.plan["glance"][0]["says"].startswith("basalt-1, the master: silent at its own address.")
    assert lab.calls(changing=True) == []

    choices.vote(run, person("ada"), True, "", run.fingerprint)
    drive_to_the_end(run, person("bo"))
    assert run.state == RunState.DONE, run.reason
    assert watching.watch(pool.pk)
    assert not Finding.objects.open().filter(pool=pool, code="master-unreachable").exists()


def test_a_prepared_election_is_withdrawn_when_the_master_answers_again(lab: RunningLab) -> None:
    lab.do(ha_goes_off)
    pool = seen(lab, recovery="operators", wants_ha=False)
    dies(lab, pool)
    preparing.prepare()
    lab.do(lambda world: power.revive(world, world.host("basalt-1")))
    lab.wait_until(lambda world: world.reachable(world.host("basalt-1")))

    assert watching.watch(pool.pk)
    preparing.withdraw()

    run = Run.objects.get(workflow="elect-master")
    assert run.state == RunState.ABORTED
    assert run.reason == "basalt-1 answers as master: nobody has to be elected."


def test_an_outage_is_prepared_for_once(lab: RunningLab) -> None:
    lab.do(ha_goes_off)
    pool = seen(lab, recovery="operators", wants_ha=False)
    dies(lab, pool)
    preparing.prepare()
    run = Run.objects.get(workflow="elect-master")
    choices.vote(run, person("ada"), False, "The technician is at the rack.", run.fingerprint)

    preparing.prepare()

    assert Run.objects.count() == 1


def test_nobody_signs_in_as_the_one_who_prepares(lab: RunningLab) -> None:
    lab.do(ha_goes_off)
    dies(lab, seen(lab, recovery="operators", wants_ha=False))
    preparing.prepare()
    ours = Run.objects.get().requested_by
    assert not ours.is_active and not ours.has_usable_password()


def test_with_ha_xenserver_gets_its_time_and_is_watched(lab: RunningLab) -> None:
    pool = seen(lab)
    finding = dies(lab, pool)

    assert finding.remedy.startswith(
        "Wait: HA is on, and XenServer elects a new master by itself. It is due by"
    )
    assert " s left</time>" in remedy(finding)
    preparing.prepare()
    assert not Run.objects.exists()

    lab.wait_until(lambda world: world.pool("basalt").master is not world.host("basalt-1"))
    lab.wait_until(lambda world: any(h.enabled for h in world.pool("basalt").hosts if h.is_master))
    assert watching.watch(pool.pk)
    open_ = set(Finding.objects.open().filter(pool=pool).values_list("code", flat=True))
    assert "master-unreachable" not in open_
    assert "master-moved" in open_


def test_when_ha_has_elected_nobody_in_time_it_is_an_alarm_with_a_remedy(lab: RunningLab) -> None:
    pool = seen(lab)
    lab.do(lambda world: power.kill(world, world.host("basalt-2")))
    lab.do(lambda world: power.kill(world, world.host("basalt-3")))
    dies(lab, pool)
    pool.refresh_from_db()
    then = timezone.now() - timedelta(seconds=301)
    good = pool.last_good_facts()
    assert good
    Pool.objects.filter(pk=pool.pk).update(good_facts=facts_to(replace(good, at=then)), good_at=then)

    assert watching.watch(pool.pk)

    finding = Finding.objects.open().get(pool=pool, code="master-unreachable")
    assert finding.remedy == "elect-master"
    assert "has elected nobody" in finding.says
