"""One sweep for all clusters of a CloudStack: what it asks, what it leaves behind, and what a look takes from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from lab.world import World
from pools import collector, sweeping, watching
from pools.clients.cloudstack import open_cloudstack
from pools.connect import cloudstack_endpoint, endpoint_of_cloudstack
from pools.facts import Facts
from pools.models import Change, CloudStack, Cluster, Finding, Pool, Sweep
from pools.pages.cloudstack import tied
from pools.secret import Secret
from pools.seeing import look_at
from pools.swept import swept_for
from tests.pools.lab import cloudstack_of, pool_of

pytestmark = pytest.mark.django_db
LISTS = ("listCapabilities", "listClusters", "listHosts", "listAsyncJobs", "listAlerts")


@pytest.fixture(scope="module")
def _lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as running:
        yield running


@pytest.fixture
def lab(_lab: RunningLab) -> Iterator[RunningLab]:
    """The estate, put back as it was after each test."""
    yield _lab
    _lab.mend()
    _lab.do(lambda world: world.calls.clear())


def swept(lab: RunningLab, *names: str) -> tuple[CloudStack, list[Pool]]:
    """The lab's CloudStack after its first sweep, and these pools of it."""
    cloudstack = cloudstack_of(lab)
    pools = [pool_of(lab, name, cloudstack=cloudstack) for name in names]
    assert sweeping.claim_due(timezone.now()) == [cloudstack.pk]
    sweeping.sweep(cloudstack.pk)
    return cloudstack, pools


def test_one_sweep_stores_every_cluster(lab: RunningLab) -> None:
    cloudstack, _ = swept(lab, "amber")
    stored = set(Cluster.objects.filter(cloudstack=cloudstack).values_list("name", flat=True))
    assert stored == {cluster.name for cluster in lab.world.cloudstack.clusters.values()}
    sweep = Sweep.objects.get()
    assert (sweep.trouble, sweep.gaps, sweep.lease_until) == (None, [], None)
    assert sweep.settings["xenserver.heartbeat.timeout"] == "120"


def test_a_look_takes_its_cluster_from_the_sweep_and_asks_nothing_again(lab: RunningLab) -> None:
    _, (pool,) = swept(lab, "amber")
    lab.do(lambda world: world.calls.clear())
    watching.watch(pool.pk)
    assert lab.calls(*LISTS) == []
    pool.refresh_from_db()
    facts = pool.last_facts()
    assert facts and facts.cloudstack and facts.cloudstack_at
    assert facts.cloudstack_at == Sweep.objects.get().at
    assert [host.name for host in facts.cloudstack.hosts] == ["amber-1", "amber-2", "amber-3", "amber-4"]
    assert facts.cloudstack.vms and facts.cloudstack_at < facts.at


def test_a_later_sweep_that_finds_the_same_makes_the_page_younger(lab: RunningLab) -> None:
    cloudstack, (pool,) = swept(lab, "amber")
    watching.watch(pool.pk)
    pool.refresh_from_db()
    first = Sweep.objects.get().at
    sweeping.sweep(cloudstack.pk)
    facts, second = pool.last_facts(), Sweep.objects.get().at
    assert facts and first and second and facts.cloudstack_seen_at == first < second
    assert tied(pool, facts).at == second


def test_it_says_the_same_as_asking_for_the_cluster_alone(lab: RunningLab) -> None:
    _, (pool,) = swept(lab, "cobalt")
    now = timezone.now()
    asked, told = look_at(pool, now, 15.0).cloudstack, swept_for(pool, now)
    assert asked and told and told.facts
    guests = tuple(replace(vm, addresses=()) for vm in asked.vms)
    assert replace(told.facts, settings=()) == replace(asked, vms=guests), (
        "NICs are left out: nobody watches them"
    )


def test_the_calls_of_a_sweep_are_as_many_with_one_pool_as_with_all(lab: RunningLab) -> None:
    swept(lab, "amber")
    one = len(lab.calls(*LISTS))
    pool_of(lab, "basalt", cloudstack=CloudStack.objects.get())
    pool_of(lab, "cobalt", cloudstack=CloudStack.objects.get())
    lab.do(lambda world: world.calls.clear())
    sweeping.sweep(CloudStack.objects.get().pk)
    assert len(lab.calls(*LISTS)) == one == len(LISTS)


def test_a_change_makes_that_pool_due_and_no_other(lab: RunningLab) -> None:
    cloudstack, (amber, basalt) = swept(lab, "amber", "basalt")
    assert sweeping.sweep(cloudstack.pk) == []
    later = timezone.now() + timedelta(hours=1)
    Pool.objects.update(next_look_at=later)
    alert(lab, "amber-3")
    assert sweeping.sweep(cloudstack.pk) == [amber.pk]
    amber.refresh_from_db()
    basalt.refresh_from_db()
    assert amber.next_look_at < later == basalt.next_look_at
    watching.watch(amber.pk)
    assert Finding.objects.open().filter(pool=amber, code="cloudstack-alert").exists()


def test_nothing_new_writes_the_sweeps_row_alone(lab: RunningLab) -> None:
    cloudstack, _ = swept(lab, "amber")
    with CaptureQueriesContext(connection) as queries:
        sweeping.sweep(cloudstack.pk)
    writes = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(writes) == 2, "the claim, and when it was read"
    assert all(w.startswith('UPDATE "pools_sweep"') for w in writes)


def test_guests_that_take_long_are_read_the_more_seldom(lab: RunningLab) -> None:
    cloudstack, _ = swept(lab, "amber")
    read = Sweep.objects.get().guests_at
    assert read is not None
    minutes = timedelta(minutes=3)
    Sweep.objects.update(guests_at=read - minutes, guests_took_s=10.0)
    sweeping.sweep(cloudstack.pk)
    assert Sweep.objects.get().guests_at == read - minutes, "10 s of every 200"
    Sweep.objects.update(guests_at=read - minutes, guests_took_s=8.0)
    sweeping.sweep(cloudstack.pk)
    again = Sweep.objects.get()
    assert again.guests_at is not None and again.guests_at > read
    assert 0 < again.guests_took_s < 8.0


def test_an_old_sweep_is_not_taken_for_now(lab: RunningLab) -> None:
    _, (pool,) = swept(lab, "amber")
    assert swept_for(pool, timezone.now()) is not None
    assert swept_for(pool, timezone.now() + timedelta(minutes=2)) is None


def test_while_the_next_one_is_under_way_the_last_sweep_stands(lab: RunningLab) -> None:
    """It takes long where CloudStack is slow, and a look would have less time for the same questions."""
    _, (pool,) = swept(lab, "amber")
    later = timezone.now() + timedelta(minutes=2)
    Sweep.objects.update(lease_until=later + timedelta(seconds=1))
    assert swept_for(pool, later) is not None
    assert swept_for(pool, later + timedelta(seconds=1)) is None


def test_a_sweep_older_than_what_the_pool_knows_is_not_taken(lab: RunningLab) -> None:
    _, (pool,) = swept(lab, "amber")
    Sweep.objects.update(tried_at=timezone.now() - timedelta(minutes=5))
    watching.watch(pool.pk)
    Sweep.objects.update(tried_at=timezone.now())
    pool.refresh_from_db()
    assert swept_for(pool, timezone.now()) is None


def test_a_silent_cloudstack_is_asked_once_and_told_to_all_its_pools(lab: RunningLab) -> None:
    cloudstack, pools = swept(lab, "amber", "basalt")
    for pool in pools:
        watching.watch(pool.pk)
    lab.break_("kill", "cloudstack")
    try:
        assert set(sweeping.sweep(cloudstack.pk)) == {pool.pk for pool in pools}
        for pool in pools:
            watching.watch(pool.pk)
            assert Finding.objects.open().filter(pool=pool, code="cloudstack-unreachable").exists()
            pool.refresh_from_db()
            good = pool.last_good_facts()
            assert good and good.cloudstack_at == Sweep.objects.get().at, "its last word keeps its age"
    finally:
        lab.break_("revive", "cloudstack")
    assert set(sweeping.sweep(cloudstack.pk)) == {pool.pk for pool in pools}


def test_refused_keys_are_not_tried_at_every_turn(lab: RunningLab) -> None:
    cloudstack, _ = swept(lab, "amber")
    CloudStack.objects.update(secret_key=Secret("wrong"))
    sweeping.sweep(cloudstack.pk)
    first = Sweep.objects.get()
    lab.do(lambda world: world.calls.clear())
    sweeping.sweep(cloudstack.pk)
    again = Sweep.objects.get()
    assert lab.calls() == [] and again.trouble == first.trouble and again.tried_at != first.tried_at
    CloudStack.objects.update(secret_key=Secret(lab.secret_key))
    sweeping.sweep(cloudstack.pk)
    assert Sweep.objects.get().trouble is None, "other keys are tried at once"


def test_one_sweeper_at_a_time_and_a_dead_one_is_replaced(lab: RunningLab) -> None:
    cloudstack, _ = swept(lab, "amber")
    Sweep.objects.update(lease_until=timezone.now() + timedelta(seconds=5), at=None)
    sweeping.sweep(cloudstack.pk)
    assert Sweep.objects.get().at is None
    Sweep.objects.update(lease_until=timezone.now() - timedelta(seconds=5))
    sweeping.sweep(cloudstack.pk)
    assert Sweep.objects.get().at


def test_a_sweep_that_breaks_leaves_its_pools_to_the_looks(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ArithmeticError

    cloudstack = cloudstack_of(lab)
    pool, now = pool_of(lab, "amber", cloudstack=cloudstack), timezone.now() + watching.FIRST
    sweeping.claim_due(now)
    assert watching.claim_due(now) == []
    monkeypatch.setattr(sweeping, "_read", broken)
    with pytest.raises(ArithmeticError):
        sweeping.sweep(cloudstack.pk)
    assert watching.claim_due(now) == [pool.pk], "nobody else would ever look at it"


def test_who_lost_the_lease_writes_nothing(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    cloudstack, _ = swept(lab, "amber")
    read = sweeping._read

    def overtaken(*args: object) -> object:
        reading = read(*args)  # type: ignore[arg-type]
        Sweep.objects.update(fence=99)
        return reading

    monkeypatch.setattr(sweeping, "_read", overtaken)
    alert(lab, "amber-3")
    digests = list(Cluster.objects.values_list("digest", flat=True))
    assert sweeping.sweep(cloudstack.pk) == []
    assert list(Cluster.objects.values_list("digest", flat=True)) == digests


def test_new_alerts_are_told_once_with_their_own_time_where_they_belong(lab: RunningLab) -> None:
    cloudstack, (amber, _basalt) = swept(lab, "amber", "basalt")
    host = next(h for h in lab.world.cloudstack.hosts.values() if h.name == "amber-2")
    lab.do(lambda world: world.cloudstack.alert(f"Host disconnected, {host.description}"))
    lab.do(lambda world: world.cloudstack.alert("Management server node 1 is up", 14))
    sweeping.sweep(cloudstack.pk)
    sweeping.sweep(cloudstack.pk)
    (line,) = Change.objects.filter(kind="cloudstack-alert")
    assert line.pool == amber and line.after == "host"
    assert line.says == f"CloudStack’s alert (host): Host disconnected, {host.description}"
    assert line.happened_at and line.happened_at.timestamp() == pytest.approx(sent_last(lab), abs=1)


def sent_last(lab: RunningLab) -> float:
    return lab.do(lambda world: max(each.sent for each in world.cloudstack.alerts))


def alert(lab: RunningLab, host: str) -> None:
    """CloudStack has lost it; the next test finds it back."""

    def lose(world: World) -> None:
        for row in world.cloudstack.hosts.values():
            if row.name == host:
                row.status = "Alert" if row.status == "Up" else "Up"

    lab.do(lose)


def test_who_began_a_maintenance_stands_in_the_timeline(lab: RunningLab) -> None:
    cloudstack, (amber,) = swept(lab, "amber")
    watching.watch(amber.pk)
    host = next(row for row in lab.world.cloudstack.hosts.values() if row.name == "amber-4")
    with open_cloudstack(endpoint_of_cloudstack(cloudstack)) as api:
        api.start("prepareHostForMaintenance", id=host.id)
        lab.wait_until(lambda _: host.resource_state != "Enabled")
        sweeping.sweep(cloudstack.pk)
        watching.watch(amber.pk)
        line = Change.objects.get(pool=amber, kind="resourcestate")
        assert (line.subject, line.before, line.by) == ("amber-4", "Enabled", "admin")
        assert line.happened_at and line.not_before and line.not_before < line.at
        api.start("cancelHostMaintenance", id=host.id)
        lab.wait_until(lambda _: host.resource_state == "Enabled")


def test_of_two_clusters_of_one_name_the_one_with_the_pools_hosts_is_meant(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber", cloudstack=cloudstack_of(lab))
    other = next(c for c in lab.world.cloudstack.clusters.values() if c.name == "basalt")
    lab.do(lambda _: setattr(other, "name", "amber"))
    try:
        now = timezone.now()
        seen = look_at(pool, now, 15.0).cloudstack
        assert seen and {host.name for host in seen.hosts} == {"amber-1", "amber-2", "amber-3", "amber-4"}
        sweeping.claim_due(timezone.now())
        sweeping.sweep(CloudStack.objects.get().pk)
        told = swept_for(pool, timezone.now())
        assert told and told.facts and told.facts.cluster == seen.cluster
        way = cloudstack_endpoint(pool)
        assert way
        problem = collector.with_cluster(Facts(at=now), way, "amber", deadline_s=5.0)
        assert problem.cloudstack is None and problem.cloudstack_trouble
        assert "2 clusters named amber" in problem.cloudstack_trouble.says
    finally:
        lab.do(lambda _: setattr(other, "name", "basalt"))
