"""What one changed host of a large pool costs, in things that are made: counted, so that no machine's load matters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.judging import flipped, read_and_swept
from lab.testing import RunningLab, running_lab
from lab.world import World
from pools import sweeping, watching
from pools.encoding import facts_to
from pools.mirror import Mirror, applied, made_of
from pools.models import Pool, Sweep
from pools.reading.xenserver import Made
from pools.seeing import Said
from pools.watching import Stored
from tests.pools.lab import cloudstack_of, pool_of

pytestmark = pytest.mark.django_db
GUESTS = 300


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    size = {"pools": 1, "hosts": 5, "vms": GUESTS}
    with running_lab("big", speed=None, plain=True, size=size) as lab:
        yield lab


class Watched:
    """A pool as one who listens has it in memory."""

    def __init__(self, lab: RunningLab) -> None:
        self.pool = pool_of(lab, "pool-0001", cloudstack=cloudstack_of(lab), plain_http=True)
        self.mirror = read_and_swept(self.pool)
        self.made: Made | None = None
        self.stored: Stored | None = None

    def told(self, mirror: Mirror) -> Stored:
        """Judged and stored."""
        self.mirror = mirror
        self.made = made_of(mirror, timezone.now(), self.made)
        self.stored = watching.tell(self.pool.pk, Said(self.made.facts, mirror.gaps), self.stored)
        assert self.stored
        return self.stored

    def is_stored_whole(self) -> bool:
        row = Pool.objects.get(pk=self.pool.pk)
        whole = json.loads(json.dumps(facts_to(self.stored.case.facts))) if self.stored else None
        return row.facts == whole and row.last_good_facts() == row.last_facts()

    def guests_anew(self, before: Stored) -> tuple[int, int]:
        """How many of XenServer's and of CloudStack's guests are other objects than before."""
        now = self.stored
        assert now and now.case.facts.pool and now.case.facts.cloudstack
        assert before.case.facts.pool and before.case.facts.cloudstack
        return (
            _anew(before.case.facts.pool.vms, now.case.facts.pool.vms),
            _anew(before.case.facts.cloudstack.vms, now.case.facts.cloudstack.vms),
        )


def _anew(before: tuple[Any, ...], now: tuple[Any, ...]) -> int:
    assert len(before) == len(now) == GUESTS
    known = set(map(id, before))
    return sum(id(each) not in known for each in now)


def blocks(stored: Stored) -> list[Any]:
    return [piece for piece in stored.writer.written(stored.case.facts).pieces if piece.records]


def swept_again(pool: Pool) -> None:
    Sweep.objects.update(next_at=timezone.now(), guests_at=None)
    sweeping.claim_due(timezone.now())
    sweeping.sweep(pool.cloudstack_id or 0)


def moved(world: World) -> None:
    """One guest to another host, in CloudStack's books."""
    guest = next(row for row in world.cloudstack.vms.values() if row.host)
    world.cloudstack.place(
        guest, next(host for host in world.cloudstack.hosts.values() if host is not guest.host)
    )


def test_a_changed_host_makes_no_guest_and_writes_none(the_lab: RunningLab) -> None:
    watched = Watched(the_lab)
    first = watched.told(watched.mirror)
    written = blocks(first)
    second = watched.told(applied(watched.mirror, flipped(watched.mirror)))
    assert second.case.facts.pool and first.case.facts.pool
    assert second.case.facts.pool.hosts != first.case.facts.pool.hosts
    assert watched.guests_anew(first) == (0, 0)
    assert blocks(second) == written and written
    assert watched.is_stored_whole()


def test_a_changed_guest_makes_one_and_writes_one_block(the_lab: RunningLab) -> None:
    watched = Watched(the_lab)
    first = watched.told(watched.mirror)
    written = blocks(first)
    ref, vm = next(iter(watched.mirror.records["vm"].items()))
    event = {"class": "vm", "operation": "mod", "ref": ref, "snapshot": {**vm, "power_state": "Paused"}}
    second = watched.told(applied(watched.mirror, {**flipped(watched.mirror), "events": [event]}))
    assert watched.guests_anew(first) == (1, 0)
    assert len([block for block in blocks(second) if block not in written]) == 1
    assert watched.is_stored_whole()


def test_a_sweep_that_says_the_same_of_guests_makes_none_and_one_that_moved_makes_one(
    the_lab: RunningLab,
) -> None:
    watched = Watched(the_lab)
    first = watched.told(watched.mirror)
    swept_again(watched.pool)
    second = watched.told(watched.mirror)
    assert second.swept and first.swept and second.swept.at > first.swept.at
    assert watched.guests_anew(first) == (0, 0)
    the_lab.do(moved)
    swept_again(watched.pool)
    watched.told(watched.mirror)
    assert watched.guests_anew(second) == (0, 1)
    assert watched.is_stored_whole()


def test_a_change_is_one_write_of_the_pools_row(the_lab: RunningLab) -> None:
    """SQLite writes a row whole, and this one has all guests in it."""
    watched = Watched(the_lab)
    watched.told(watched.mirror)
    with CaptureQueriesContext(connection) as queries:
        watched.told(applied(watched.mirror, flipped(watched.mirror)))
    writes = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "pools_pool"')]
    assert len(writes) == 1


def test_what_is_told_is_void_when_a_look_began_or_ended_meanwhile(
    the_lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(the_lab)
    first = watched.told(watched.mirror)
    row = Pool.objects.filter(pk=watched.pool.pk)
    heard = watching.heard

    def overtaken(*args: Any) -> Any:
        row.update(look_fence=F("look_fence") + 1)
        return heard(*args)

    said = Said(made_of(applied(watched.mirror, flipped(watched.mirror)), timezone.now()).facts, ())
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(watching, "heard", overtaken)
        assert watching.tell(watched.pool.pk, said, first) is None
    assert watched.is_stored_whole(), "nothing of it is stored"
    row.update(look_until=timezone.now() + timedelta(seconds=9))
    assert watching.tell(watched.pool.pk, said, first) is None
    row.update(look_until=timezone.now() - timedelta(seconds=1))
    assert watching.tell(watched.pool.pk, said, first), "whose look it was is dead"
