"""Everything that a lab can break, and answers that no lab would give, at once and on different pools: each shows what
is true of it, the well ones are looked at as if nothing was, and memory stays bounded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from lab import chaos, faults
from lab.cloudstack import switches
from lab.testing import RunningLab, running_lab
from pools import watching
from pools.models import CloudStack, Finding, Pool
from pools.secret import Secret
from tests.pools.clients.test_bombs import LAUGHS, endless
from tests.pools.lab import cloudstack_of, pool_of
from tests.pools.reach import Behaviour, answering, dripping, first, odd_server, silent, xml

pytestmark = pytest.mark.django_db(transaction=True)
ANY = Secret("any")


@dataclass(frozen=True)
class Ill:
    """What befalls the master of a pool, with which options, and what is found there: "" is nothing."""

    found: str = "master-unreachable"
    options: Mapping[str, Any] = field(default_factory=dict)


ILL = {
    "hang": Ill(),
    "slow": Ill("master-suspect", {"delay": 1.2}),
    "drip": Ill(),
    "reset-before": Ill(),
    "reset-after": Ill(),
    "error": Ill("master-suspect", {"what": "INTERNAL_ERROR,Not_found"}),
    "garbage": Ill(),
    "truncated": Ill(),
    "http500": Ill(),
    "kill": Ill(),
    "reboot": Ill(),
    "toolstack-stop": Ill(),
    "toolstack-restart": Ill(),
    "network-cut": Ill(),
    "console-cut": Ill("master-suspect"),
    "password": Ill("login-refused"),
    "new-certificate": Ill("tls-untrusted"),
    "disable": Ill("master-disabled"),
    "storage-cut": Ill(""),
    "unplug": Ill("host-storage-detached", {"sr": "iscsi-1"}),
    "clock-skew": Ill("host-clock-skew"),
}
"""By the lab's word for it, each on a pool of its own."""
HARMLESS = {"revive", "no-boot", "network-mend", "storage-mend", *faults.OF_TASKS}
"""What only mends, waits for a boot, or acts on tasks, which a look never starts."""
BOMBS: dict[str, Behaviour] = {
    "200 MB of XML": endless(b"<methodResponse>"),
    "200 MB of JSON": endless(b'{"jsonrpc": "2.0", "id": 1, "result": "'),
    "billion laughs": answering(LAUGHS),
    "deep XML": answering(b"<a>" * 200_000),
    "lists of lists": answering(b'{"jsonrpc": "2.0", "id": 1, "result": [' + b"[]," * 600_000 + b"1]}"),
    "a head without end": dripping,
}
"""What a pool's master answers to all questions after its login."""
MAD: dict[str, Behaviour] = {
    "200 MB": endless(b'{"listcapabilitiesresponse": {"text": "'),
    "deep": answering(b'{"a": ' * 100_000),
    "lists of lists": answering(b'{"a": {"b": [' + b"[]," * 600_000 + b"1]}}"),
    "a head without end": dripping,
    "silence": silent,
}
"""What a pool's CloudStack answers to everything."""
SWITCHED = {"throttle": "cloudstack-unreachable", "clock-skew": "login-refused"}
"""What CloudStack's own switches do to a look; the others act on what changes something."""
WELL = 4
LOOK_S = 12.0
"""Less than a look has, and more than some fifty of them need for what they parse in one process."""
MEMORY = 400 * 2**20
"""Bytes that all these looks together may add: three large replies of 64 MB at a time, and what is made of them."""


def test_there_is_nothing_else_that_a_lab_can_break() -> None:
    assert set(chaos.words()) == set(ILL) | HARMLESS | set(switches.SWITCHES)


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    size = {"pools": len(ILL) + len(MAD) + WELL + 1, "hosts": 2, "vms": 40}
    with running_lab("big", speed=1.0, size=size) as running:
        yield running


def test_each_pool_shows_what_is_true_of_it_and_the_well_ones_are_no_later(lab: RunningLab) -> None:
    names = iter([pool.name for pool in lab.world.pools])
    ill = {kind: pool_of(lab, next(names)) for kind in ILL}
    half_blind = {kind: pool_of(lab, next(names)) for kind in MAD}
    switched = pool_of(lab, next(names), cloudstack=cloudstack_of(lab))
    well = {name: pool_of(lab, name) for name in names}
    theirs = {**ill, **half_blind, **well}
    usual = max(look_at_all(theirs.values()).values())
    before = {kind: codes(pool) for kind, pool in theirs.items()}
    for kind, pool in ill.items():
        lab.break_(kind, f"{pool.name}:master", **ILL[kind].options)
    with mad_captains(half_blind) as bombed, memory_added() as added:
        broken_at = timezone.now()
        took = look_at_all([*bombed.values(), *theirs.values()])
    new = {kind: codes(pool) - before[kind] for kind, pool in theirs.items()}
    new["storage-cut"] -= {"ha-statefile-detached"}  # the master may have seen it already
    assert new == {
        **{kind: {each.found} - {""} for kind, each in ILL.items()},
        **{kind: {"cloudstack-unreachable"} for kind in half_blind},
        **{name: set() for name in well},
    }
    for kind, pool in bombed.items():
        # Whoever logs in first is let in: where that is the probe, the master is one that answers and cannot be read.
        assert codes(pool) in ({"master-unreachable"}, {"master-suspect"}), kind
    for pool in (*half_blind.values(), *well.values()):
        pool.refresh_from_db()
        assert pool.good_at and pool.good_at > broken_at
    assert max(took[pool.pk] for pool in well.values()) < 2 * usual + LOOK_S
    assert max(took.values()) < 2 * (usual + LOOK_S)
    assert added[0] < MEMORY, f"{added[0] / 2**20:.0f} MB"
    for switch in sorted(switches.SWITCHES, key="clock-skew".__eq__):  # last, as who is refused asks no more
        lab.break_(switch, "cloudstack", times=1)
        watching.watch(switched.pk, deadline_s=LOOK_S)
        seen = codes(switched) & set(SWITCHED.values())
        assert seen == ({SWITCHED[switch]} if switch in SWITCHED else set()), switch
        lab.mend("cloudstack")


@contextmanager
def mad_captains(half_blind: Mapping[str, Pool]) -> Iterator[dict[str, Pool]]:
    """A pool for each bomb, whose master throws it after the login; and for these pools CloudStacks that are mad."""
    with ExitStack() as stack:
        for kind, pool in half_blind.items():
            api = stack.enter_context(odd_server(MAD[kind]))
            pool.cloudstack = CloudStack.objects.create(
                name=kind, url=f"http://127.0.0.1:{api.port}/client/api", api_key=ANY, secret_key=ANY
            )
            pool.save(update_fields=["cloudstack"])
        yield {kind: bombed(kind, stack) for kind in BOMBS}


def bombed(kind: str, stack: ExitStack) -> Pool:
    master = stack.enter_context(odd_server(first(answering(xml("OpaqueRef:1")), BOMBS[kind])))
    way = {"addresses": ["127.0.0.1"], "port": master.port, "plain_http": True}
    return Pool.objects.create(name=kind, user="root", password=ANY, **way)


@contextmanager
def memory_added() -> Iterator[list[int]]:
    """By how many bytes this process was larger at most than at the beginning: the list's one value, at the end."""
    process, over, added = psutil.Process(), threading.Event(), [0]
    before = process.memory_info().rss

    def watch() -> None:
        while not over.wait(0.02):
            added[0] = max(added[0], process.memory_info().rss - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield added
    finally:
        over.set()
        thread.join()


def look_at_all(pools: Iterable[Pool]) -> dict[int, float]:
    """All of them at once, as a worker's threads do; how long each look took, in seconds."""
    took: dict[int, float] = {}

    def look(pool: Pool) -> None:
        began = time.monotonic()
        watching.watch(pool.pk, deadline_s=LOOK_S)
        took[pool.pk] = time.monotonic() - began
        connection.close()

    threads = [threading.Thread(target=look, args=(pool,)) for pool in pools]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def codes(pool: Pool) -> set[str]:
    return set(Finding.objects.open().filter(pool=pool).values_list("code", flat=True))
