"""The watch on the lab: what one look leaves behind, and that no two watchers get in each other's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from lab.world import World
from lab.world.mastery import believe_in
from pools import obligations, sweeping, watching
from pools.encoding import probes_to
from pools.facts import Probe
from pools.models import Change, Finding, Listener, Pool, Probing, Sweep
from pools.rules.case import Expected, Obligations
from tests.pools.lab import cloudstack_of, pool_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    """The estate, in real time: nothing happens by itself while a test runs."""
    with running_lab("estate", speed=1.0) as running:
        yield running


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No one owes anything unless the test says so."""
    monkeypatch.setattr(obligations, "_providers", [])


def stored(lab: RunningLab, name: str) -> Pool:
    return pool_of(lab, name, cloudstack=cloudstack_of(lab))


def open_codes(pool: Pool) -> list[str]:
    return [f.code for f in Finding.objects.open().filter(pool=pool).worst_first()]


def news(pool: Pool) -> list[str]:
    return list(Change.objects.filter(pool=pool).order_by("id").values_list("says", flat=True))


def test_the_first_look_fills_the_pools_row(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    assert watching.watch(pool.pk)
    pool.refresh_from_db()
    facts = pool.last_facts()
    assert facts and facts.pool and facts.cloudstack
    assert [h.name for h in facts.pool.hosts] == ["amber-1", "amber-2", "amber-3", "amber-4"]
    assert (pool.worst, pool.zone, pool.good_at, pool.look_until) == ("", "AMS-1", pool.looked_at, None)


def test_trouble_becomes_findings_with_a_beginning(lab: RunningLab) -> None:
    pool = stored(lab, "cobalt")
    watching.watch(pool.pk)
    pool.refresh_from_db()
    assert pool.worst == "critical"
    assert open_codes(pool)[0] == "cloudstack-alert"
    alert = Finding.objects.get(pool=pool, code="cloudstack-alert")
    assert (alert.subject_name, alert.remedy_slug) == ("cobalt-2", "reenable-host")
    assert "storage iscsi-1 is unplugged" in alert.says
    assert alert.evidence[0]["value"] == "Alert"


@pytest.mark.parametrize("name", ["amber", "basalt", "cobalt"])
def test_a_look_that_changes_nothing_writes_the_pools_row_alone(lab: RunningLab, name: str) -> None:
    pool = stored(lab, name)
    watching.watch(pool.pk)
    pool.refresh_from_db()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        watching.watch(pool.pk)
    writes = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(writes) == 2, "the claim, and what was seen"
    assert all(w.startswith('UPDATE "pools_pool"') for w in writes)
    before = pool.version
    pool.refresh_from_db()
    assert pool.version == before


def test_what_changes_is_told_once_and_mended_once(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    watching.watch(pool.pk)
    assert news(pool) == []
    lab.break_("disable", "amber-3")
    watching.watch(pool.pk)
    watching.watch(pool.pk)
    told = news(pool)
    assert "amber-3 is disabled; it was enabled." in told
    assert "amber-3 is live, but disabled: no reason is found in what XenServer tells." in told
    assert len(told) == 2
    enable(lab, "amber-3", True)
    watching.watch(pool.pk)
    assert news(pool)[2:] == [
        "amber-3 is enabled; it was disabled.",
        "No longer: amber-3 is live, but disabled: no reason is found in what XenServer tells.",
    ]
    assert open_codes(pool) == []
    closed = Finding.objects.get(pool=pool, code="host-disabled")
    assert closed.closed_at and closed.closed_at > closed.since


def test_a_finding_that_comes_back_is_a_new_one(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    for enabled in (False, True, False):
        enable(lab, "amber-3", enabled)
        watching.watch(pool.pk)
    assert Finding.objects.filter(pool=pool, code="host-disabled").count() == 2
    assert open_codes(pool) == ["host-disabled"]


def test_a_finding_that_gets_worse_keeps_its_beginning(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    for timeout in (120, 60):
        set_timeout(lab, timeout)
        watching.watch(pool.pk)
    (row,) = Finding.objects.filter(pool=pool, code="ha-timeout-short")
    change = Change.objects.get(pool=pool, kind="finding-worse")
    assert (change.before, change.after, row.severity) == ("warning", "critical", "critical")
    assert row.since < row.seen_at


def test_a_dead_master_mends_nothing_that_can_no_longer_be_seen(lab: RunningLab) -> None:
    pool = stored(lab, "cobalt")
    watching.watch(pool.pk)
    before = set(open_codes(pool))
    lab.break_("kill", "cobalt-1")
    watching.watch(pool.pk)
    assert set(open_codes(pool)) >= before | {"master-unreachable"}
    pool.refresh_from_db()
    assert pool.good_at and pool.looked_at and pool.good_at < pool.looked_at
    assert "XenServer cannot be read" in " ".join(news(pool))


def test_a_silent_cloudstack_mends_nothing_either(lab: RunningLab) -> None:
    pool = stored(lab, "cobalt")
    watching.watch(pool.pk)
    lab.break_("kill", "cloudstack")
    watching.watch(pool.pk)
    assert {"cloudstack-alert", "cloudstack-unreachable"} <= set(open_codes(pool))
    lab.break_("revive", "cloudstack")
    watching.watch(pool.pk)
    assert "cloudstack-unreachable" not in open_codes(pool)


def test_another_master_is_told_with_the_one_before(lab: RunningLab) -> None:
    pool = stored(lab, "basalt")
    watching.watch(pool.pk)
    move_master(lab)
    watching.watch(pool.pk)
    pool.refresh_from_db()
    assert pool.master_was == lab.world.host("basalt-1").uuid
    assert "master-moved" in open_codes(pool)
    assert "basalt-2 is the master now; before, it was basalt-1." in news(pool)


@pytest.mark.usefixtures("providers")
def test_a_master_that_our_own_run_moved_is_no_trouble(lab: RunningLab) -> None:
    pool = stored(lab, "basalt")
    watching.watch(pool.pk)
    obligations.register(lambda pool_id: Obligations(holder=7))
    move_master(lab)
    watching.watch(pool.pk)
    assert "master-moved" not in open_codes(pool)
    assert Change.objects.get(pool=pool, kind="master").run == 7


@pytest.mark.usefixtures("providers")
def test_expected_trouble_is_stored_but_does_not_make_the_pool_bad(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    lab.break_("disable", "amber-3")
    until = timezone.now() + timedelta(minutes=5)
    expected = Expected(code="host-disabled", subject=lab.world.host("amber-3").uuid, run=7, until=until)
    obligations.register(
        lambda pool_id: Obligations(expected=(expected,)) if pool_id == pool.pk else Obligations()
    )
    watching.watch(pool.pk)
    pool.refresh_from_db()
    assert pool.worst == ""
    assert Finding.objects.get(pool=pool).expected_by == 7


def test_ha_off_has_a_beginning_once_it_was_seen_on(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    watching.watch(pool.pk)
    lab.do(lambda world: setattr(world.pool("amber"), "ha_enabled", False))
    watching.watch(pool.pk)
    pool.refresh_from_db()
    first = pool.ha_off_since
    assert first == pool.looked_at
    watching.watch(pool.pk)
    pool.refresh_from_db()
    assert pool.ha_off_since == first


def test_a_stranger_at_a_known_address_is_not_our_pool(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    Pool.objects.filter(pk=pool.pk).update(uuid="another")
    watching.watch(pool.pk)
    facts = Pool.objects.get(pk=pool.pk).last_facts()
    assert facts and facts.pool is None
    assert facts.pool_trouble and facts.pool_trouble.code == "another-pool"


def test_a_pool_under_a_lease_is_left_alone(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    Pool.objects.filter(pk=pool.pk).update(look_until=timezone.now() + timedelta(seconds=5))
    assert not watching.watch(pool.pk)
    assert Pool.objects.get(pk=pool.pk).looked_at is None


def test_a_lease_that_ran_out_is_taken_over(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    Pool.objects.filter(pk=pool.pk).update(look_until=timezone.now() - timedelta(seconds=1))
    assert watching.watch(pool.pk)


def test_who_lost_the_lease_writes_nothing(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = stored(lab, "cobalt")
    look_at = watching.look_at

    def overtaken(*args: object) -> object:
        facts = look_at(*args)  # type: ignore[arg-type]
        Pool.objects.filter(pk=pool.pk).update(look_fence=99)
        return facts

    monkeypatch.setattr(watching, "look_at", overtaken)
    assert not watching.watch(pool.pk)
    assert Pool.objects.get(pk=pool.pk).looked_at is None
    assert not Finding.objects.exists() and not Change.objects.exists()


def test_a_look_that_breaks_frees_the_pool(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    Pool.objects.filter(pk=pool.pk).update(facts={"nonsense": True}, good_facts={"nonsense": True})
    with pytest.raises(Exception, match="Facts"):
        watching.watch(pool.pk)
    assert Pool.objects.get(pk=pool.pk).look_until is None


def test_due_pools_are_named_once_a_turn(lab: RunningLab) -> None:
    first, second = stored(lab, "amber"), pool_of(lab, "basalt")
    now = timezone.now()
    Pool.objects.update(next_look_at=now - timedelta(seconds=1), looked_at=now)
    assert set(watching.claim_due(now)) == {first.pk, second.pk}
    assert watching.claim_due(now) == []
    assert watching.claim_due(now + timedelta(seconds=9)) == []
    assert len(watching.claim_due(now + timedelta(seconds=10))) == 2


def test_no_more_looks_begin_at_once_than_may_end_in_time(lab: RunningLab) -> None:
    now = timezone.now()
    pools = [
        pool_of(lab, "amber", name=f"pool-{i}", next_look_at=now - timedelta(minutes=i + 1))
        for i in range(16)
    ]
    begun = watching.claim_due(now)
    assert begun == [pool.pk for pool in reversed(pools)][: watching.AT_ONCE], "the longest due first"
    Pool.objects.filter(pk__in=begun).update(look_until=now + watching.LEASE)
    assert watching.claim_due(now) == []
    Pool.objects.filter(pk=begun[0]).update(look_until=None)
    assert len(watching.claim_due(now)) == 1, "one is over"
    for pk in begun[1:3]:
        Listener.objects.create(pool_id=pk, until=now + timedelta(minutes=1))
    assert len(watching.claim_due(now)) == 3, "who listens has threads of its own for what it looks at"
    later = now + watching.YOUNG
    assert len(watching.claim_due(later)) == 4, (
        "who is at it for so long waits for a host: that keeps nobody else"
    )


def test_a_first_look_waits_until_its_cloudstack_was_swept_for_the_first_time(lab: RunningLab) -> None:
    cloudstack = cloudstack_of(lab)
    swept, other = (pool_of(lab, name, cloudstack=cloudstack) for name in ("amber", "basalt"))
    alone = pool_of(lab, "cobalt")
    now = timezone.now()
    Pool.objects.update(next_look_at=now - watching.FIRST)
    Pool.objects.filter(pk=other.pk).update(looked_at=now)
    assert sweeping.claim_due(now) == [cloudstack.pk]
    assert set(watching.claim_due(now)) == {other.pk, alone.pk}, "no worker has begun with it yet"
    later = now + timedelta(seconds=20)
    Sweep.objects.update(lease_until=later + timedelta(minutes=2))
    assert swept.pk not in watching.claim_due(later), "it is under way"
    Sweep.objects.update(lease_until=None, tried_at=now)
    assert watching.claim_due(later) == [swept.pk]


def test_a_sweep_that_nobody_begins_holds_no_first_look_up_for_long(lab: RunningLab) -> None:
    pool, now = pool_of(lab, "amber", cloudstack=cloudstack_of(lab)), timezone.now()
    sweeping.claim_due(now)
    for seconds in range(0, 40, 10):
        at = now + timedelta(seconds=seconds)
        sweeping.claim_due(at)  # each tick calls for the sweep first, and no worker ever begins with it
        assert watching.claim_due(at) == ([pool.pk] if seconds == 30 else [])


def test_a_first_look_is_left_to_who_listens_for_some_seconds_and_no_longer(
    lab: RunningLab, settings: LazySettings
) -> None:
    pool, now = pool_of(lab, "amber"), timezone.now()
    Pool.objects.update(next_look_at=now)
    assert watching.claim_due(now) == []
    Listener.objects.create(pool=pool, rests_until=now + timedelta(minutes=1))
    assert watching.claim_due(now) == [pool.pk], "who listens has tried in vain"
    Listener.objects.all().delete()
    Pool.objects.update(next_look_at=now)
    assert watching.claim_due(now + watching.FIRST) == [pool.pk], "nobody listens"
    settings.LISTEN = False
    Pool.objects.update(next_look_at=now)
    assert watching.claim_due(now) == [pool.pk], "nobody ever will"


def test_a_look_is_stored_although_another_thread_keeps_the_turn(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TURN_S", 0.1)
    pool = stored(lab, "amber")
    with watching._turn:
        assert watching.watch(pool.pk)
    assert not watching._turn.locked(), "who never had it does not give it back"


@pytest.mark.django_db(transaction=True)
def test_of_many_watchers_at_once_one_looks(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    lab.break_("slow", "amber-1", call="session.login_with_password", delay=1.0)
    start, looked = threading.Barrier(4), []

    def watcher() -> None:
        start.wait()
        looked.append(watching.watch(pool.pk))
        connection.close()

    threads = [threading.Thread(target=watcher) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(looked) == [False, False, False, True]
    assert len(lab.calls("pool.get_all_records")) == 1


def test_the_pools_page_hears_of_every_look_and_the_overview_of_changes(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = stored(lab, "amber")
    heard: list[tuple[str, ...]] = []
    monkeypatch.setattr("pools.remembering.announce", lambda *topics: heard.append(topics))
    watching.watch(pool.pk)
    lab.break_("disable", "amber-3")
    watching.watch(pool.pk)
    assert heard == [(f"pool-{pool.pk}",), (f"pool-{pool.pk}", "overview")]


def enable(lab: RunningLab, name: str, enabled: bool) -> None:
    lab.do(lambda world: setattr(world.host(name), "enabled", enabled))


def set_timeout(lab: RunningLab, seconds: int) -> None:
    """HA's timeout as somebody else would have set it."""
    lab.do(lambda world: world.pool("amber").ha_configuration.update(timeout=str(seconds)))


def move_master(lab: RunningLab) -> None:
    """As somebody's `xe pool-designate-new-master`, or an election, leaves basalt."""

    def move(world: World) -> None:
        pool = world.pool("basalt")
        pool.master = pool.hosts[1]
        believe_in(pool.hosts, pool.master)

    lab.do(move)


def test_a_clock_that_is_off_is_measured_through_the_master(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    lab.break_("clock-skew", "amber-3", delay=45)
    watching.watch(pool.pk)
    finding = Finding.objects.get(pool=pool)
    assert (finding.code, finding.severity) == ("host-clock-skew", "warning")
    assert finding.says == "The clock of amber-3 is more than 30 s ahead of the console's."
    lab.mend()
    watching.watch(pool.pk)
    assert open_codes(pool) == []


def test_a_clock_that_nobody_tells_in_time_keeps_no_look_from_its_end(lab: RunningLab) -> None:
    pool = stored(lab, "amber")
    lab.break_("hang", "amber-1", call="host.get_servertime")
    watching.watch(pool.pk)
    facts = Pool.objects.get(pk=pool.pk).last_facts()
    assert facts and facts.pool and [h.clock_ahead_s for h in facts.pool.hosts] == [None] * 4
    assert open_codes(pool) == []


def test_a_member_that_is_met_at_its_restart_is_not_dead(lab: RunningLab) -> None:
    """A line that breaks has all members asked anew, whom the prober has just heard."""
    pool = stored(lab, "amber")
    watching.watch(pool.pk)
    at = timezone.now()
    heard = [
        Probe(address=lab.address(f"amber-{j}"), answers=True, master=lab.address("amber-1"), at=at, since=at)
        for j in (1, 2, 3, 4)
    ]
    Probing.objects.create(pool=pool, at=at, probes=probes_to(tuple(heard)))
    lab.break_("toolstack-restart", "amber-3")
    watching.watch(pool.pk, afresh=True)
    facts = Pool.objects.get(pk=pool.pk).last_facts()
    assert facts and [p.code for p in facts.probes] == ["", "", "refused", ""]
    assert "host-dead" not in open_codes(pool)


def test_an_old_answer_disputes_no_master(lab: RunningLab) -> None:
    """A member that has followed the new master since it was asked last is asked again before anything is said."""
    pool = stored(lab, "basalt")
    watching.watch(pool.pk)
    was, at = lab.address("basalt-1"), timezone.now() - timedelta(seconds=60)
    probes = [
        Probe(address=lab.address(f"basalt-{j}"), answers=True, master=was, at=at, since=at)
        for j in (1, 2, 3)
    ]
    Probing.objects.create(pool=pool, at=timezone.now(), probes=probes_to(tuple(probes)))
    move_master(lab)
    watching.watch(pool.pk)
    assert "master-moved" in open_codes(pool)
    assert "master-disputed" not in open_codes(pool)
    lab.do(lambda world: believe_in(world.pool("basalt").hosts[2:], world.pool("basalt").hosts[0]))
    watching.watch(pool.pk)
    assert "master-disputed" in open_codes(pool), "who still names another one disputes it"
