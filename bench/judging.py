"""What one told change costs by the size of its pool: `python -m bench.judging [GUESTS …]`, 10 100 1000 unless said.

A host of a pool of five is disabled, and enabled again: its event is applied to the mirror, facts are made, judged and
stored, and the pages are told, as a listening worker does it. CloudStack has been swept, guests included. Processor
time of the one thread that does it; the lab stands still, and the broker is a process of its own.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, report
from bench.workers import settle_in

if TYPE_CHECKING:
    from pools.mirror import Mirror

CURVE = (10, 100, 1000)
HOSTS = 5
WARM, CHANGES = 4, 40
POOL = "pool-0001"


def figures(curve: tuple[int, ...] = CURVE) -> Iterator[Figure]:
    """Milliseconds for a change at each size, and how much the largest costs of the smallest. The sizes take turns, so
    that whatever else the machine does is shared by all."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder, ExitStack() as stack:
        settle_in(folder)
        _begin_broker(stack)
        changes = {guests: stack.enter_context(changing(guests)) for guests in curve}
        rounds = [{guests: change() for guests, change in changes.items()} for _ in range(WARM + CHANGES)]
    costs = {guests: median(each[guests] for each in rounds[WARM:]) * 1000 for guests in curve}
    for guests, cost in costs.items():
        yield Figure(f"judging-{guests}-guests", cost, "ms", ">=0")
    yield Figure("judging-curve", costs[curve[-1]] / costs[curve[0]], "ratio", "<=1.5")


def _begin_broker(stack: ExitStack) -> None:
    """The house's own, since telling the pages is part of a change."""
    from django.conf import settings

    from tests.support.processes import running_broker

    stack.enter_context(running_broker(settings.REDIS_URL))


@contextmanager
def changing(guests: int) -> Iterator[Callable[[], float]]:
    """A pool of so many guests that has been looked at and swept, and what changes one of its hosts."""
    from lab.testing import running_lab
    from tests.pools.lab import cloudstack_of, pool_of

    size = {"pools": 1, "hosts": HOSTS, "vms": guests}
    with running_lab("big", speed=None, plain=True, size=size) as lab:
        cloudstack = cloudstack_of(lab, name=f"of {guests}")
        named = {"name": f"with-{guests}", "cloudstack": cloudstack, "plain_http": True}
        pool = pool_of(lab, POOL, **named)
        yield _changes(pool.pk, read_and_swept(pool))


def read_and_swept(pool: Any) -> Mirror:
    """A full look's answers, and CloudStack's side by a sweep."""
    from django.utils import timezone

    from pools import sweeping
    from pools.ask_xenserver import ask_answers
    from pools.clients.master import open_session
    from pools.connect import endpoint
    from pools.mirror import mirror_of

    sweeping.claim_due(timezone.now())
    sweeping.sweep(pool.cloudstack_id)
    with open_session(endpoint(pool)) as xapi:
        return mirror_of(*ask_answers(xapi, timezone.now()), token="")


def _changes(pool_id: int, mirror: Mirror) -> Callable[[], float]:
    """Each call disables a host or enables it again, and gives the seconds of processor time that it took."""
    from django.utils import timezone

    from pools import watching
    from pools.mirror import applied, made_of
    from pools.seeing import Said

    made, stored = None, None

    def change() -> float:
        nonlocal mirror, made, stored
        batch = flipped(mirror)
        began = time.thread_time()
        mirror = applied(mirror, batch)
        made = made_of(mirror, timezone.now(), made)
        stored = watching.tell(pool_id, Said(made.facts, mirror.gaps), stored)
        took = time.thread_time() - began
        if stored is None:
            raise SystemExit("bench.judging: a change was not stored")
        return took

    return change


def flipped(mirror: Mirror) -> dict[str, Any]:
    """What `event.from` says when the last of its hosts was disabled, or enabled."""
    ref, host = list(mirror.records["host"].items())[-1]
    event = {"class": "host", "operation": "mod", "ref": ref}
    counts = {name: len(kept) + mirror.others.get(name, 0) for name, kept in mirror.records.items()}
    return {
        "token": "",
        "events": [{**event, "snapshot": {**host, "enabled": not host["enabled"]}}],
        "valid_ref_counts": counts,
    }


if __name__ == "__main__":
    report(figures(tuple(int(word) for word in sys.argv[1:]) or CURVE))
