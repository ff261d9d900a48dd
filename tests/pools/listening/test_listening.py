"""Listening on the lab, with the loop as the worker has it: what is told is stored, and what breaks is looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from pools import watching
from pools.clients.master import open_session
from pools.listening import desk, process
from pools.models import Change, Finding, Listener, Pool
from tests.pools.lab import pool_of
from tests.pools.reach import to_pool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=1.0) as running:
        yield running


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    yield the_lab
    the_lab.mend()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "TURN_S", 0.05)


@contextmanager
def listening() -> Iterator[None]:
    """The loop of a `watch` worker."""
    loop = process.Listening()
    loop.start()
    try:
        yield
    finally:
        loop.stop()


def looked(lab: RunningLab, name: str) -> Pool:
    pool = pool_of(lab, name)
    watching.watch(pool.pk)
    return pool


def until(condition: Callable[[], object], seconds: float = 10.0) -> float:
    """Wait until it holds; how long that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "not in time"
        time.sleep(0.01)
    return time.monotonic() - began


def is_heard(pool: Pool) -> bool:
    return Listener.objects.filter(pool=pool, until__gt=timezone.now(), packed__isnull=False).exists()


def enable(lab: RunningLab, name: str, enabled: bool) -> None:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        (host,) = xapi.call("host.get_by_name_label", name)
        xapi.call("host.enable" if enabled else "host.disable", host)


def codes(pool: Pool) -> set[str]:
    return set(Finding.objects.open().filter(pool=pool).values_list("code", flat=True))


def test_a_host_that_is_disabled_is_known_at_once_without_a_look(lab: RunningLab) -> None:
    pool = looked(lab, "amber")
    with listening():
        until(lambda: is_heard(pool))
        looks = len(lab.calls("pool.get_all_records"))
        enable(lab, "amber-3", False)
        assert until(lambda: "host-disabled" in codes(pool)) < 2
        enable(lab, "amber-3", True)
        until(lambda: "host-disabled" not in codes(pool))
        assert len(lab.calls("pool.get_all_records")) == looks
    assert Change.objects.filter(pool=pool, kind="enabled").count() == 2
    assert Listener.objects.get(pool=pool).holder == ""
