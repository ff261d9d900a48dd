"""Everything that a lab can break, at once and on different pools: each says what is true of it, and the well ones are
looked at as if nothing was."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from lab.testing import RunningLab, running_lab
from pools import watching
from pools.clients import asking, wire, xapi
from pools.models import Finding, Pool
from tests.pools.lab import pool_of

pytestmark = pytest.mark.django_db(transaction=True)

BROKEN = {
    "hang": "master-unreachable",
    "drip": "master-unreachable",
    "reset-before": "master-unreachable",
    "reset-after": "master-unreachable",
    "garbage": "master-unreachable",
    "truncated": "master-unreachable",
    "http500": "master-unreachable",
    "kill": "master-unreachable",
    "network-cut": "master-unreachable",
    "console-cut": "master-suspect",
    "password": "login-refused",
    "new-certificate": "tls-untrusted",
    "toolstack-stop": "master-unreachable",
    "disable": "master-disabled",
}
"""What befalls the master of a pool of its own → what is found there."""
WELL = 4
LOOK_S, STORED_S = 4.0, 15.0
"""A look, and that with what it waits for to be stored, beside other tests, in seconds."""


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    size = {"pools": len(BROKEN) + WELL, "hosts": 2, "vms": 40}
    with running_lab("big", speed=20.0, size=size) as running:
        yield running


def test_each_pool_shows_what_is_true_of_it_and_the_well_ones_are_no_later(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ASK_S", 2.0)
    for room in (asking, wire):
        monkeypatch.setattr(room, "CONNECT_S", 1.0)
    monkeypatch.setattr(xapi, "LOGIN_S", 3.0)
    names = [pool.name for pool in lab.world.pools]
    pools = {name: pool_of(lab, name) for name in names}
    broken = dict(zip(BROKEN, names, strict=False))
    look_at_all(list(pools.values()))
    for kind, name in broken.items():
        lab.break_(kind, f"{name}:master")
    took = look_at_all(list(pools.values()))
    found = {kind: codes(pools[name]) for kind, name in broken.items()}
    assert {kind: code for kind, code in BROKEN.items() if code not in found[kind]} == {}, found
    for name in names[len(BROKEN) :]:
        assert not codes(pools[name]) & set(BROKEN.values())
        assert took[pools[name].pk] < STORED_S


def look_at_all(pools: list[Pool]) -> dict[int, float]:
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
