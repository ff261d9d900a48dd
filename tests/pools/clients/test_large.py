"""Few large replies are held at once; the others wait for their turn, or for the end of their time."""

from __future__ import annotations

import json
import threading
from functools import partial

import pytest

from pools.clients import large, line, transport
from pools.clients.errors import BadAnswer, TimedOut
from pools.clients.line import Line
from tests.pools.clients.test_line import on
from tests.pools.clients.test_odd_xapi import logged_in
from tests.pools.reach import answering, odd_server, plainly, xml

LONG = answering(xml("x" * 5000))


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> threading.BoundedSemaphore:
    """One place, and a thousand bytes are large."""
    only = threading.BoundedSemaphore(1)
    monkeypatch.setattr(large, "_places", only)
    monkeypatch.setattr(large, "LARGE", 1000)
    return only


def test_a_large_reply_is_read_while_there_is_a_place_and_gives_it_back(
    places: threading.BoundedSemaphore,
) -> None:
    with logged_in(LONG) as (_, xapi):
        assert len(xapi.call("pool.get_all_records")) == 5000
    assert places.acquire(blocking=False)


def test_a_large_reply_waits_for_the_others_no_longer_than_its_time(
    places: threading.BoundedSemaphore,
) -> None:
    places.acquire()
    with logged_in(LONG) as (_, xapi), pytest.raises(TimedOut):
        xapi.call("pool.get_all_records")


def test_small_replies_wait_for_nobody(places: threading.BoundedSemaphore) -> None:
    places.acquire()
    with logged_in(answering(xml("x"))) as (_, xapi):
        assert xapi.call("pool.get_all_records") == "x"


def test_what_is_cut_at_its_limit_gives_its_place_back(
    places: threading.BoundedSemaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CHUNK", 1024)
    monkeypatch.setattr(transport, "MAX_REPLY", 4096)
    with logged_in(LONG) as (_, xapi), pytest.raises(BadAnswer, match="larger than"):
        xapi.call("pool.get_all_records")
    assert places.acquire(blocking=False)


def test_a_line_waits_without_keeping_the_loop(
    places: threading.BoundedSemaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = json.dumps({"jsonrpc": "2.0", "result": "x" * 5000, "id": 1}).encode()
    monkeypatch.setattr(line, "CHUNK", 1024)

    async def login(open_line: Line, seconds: float = 30.0) -> None:
        await open_line.login(seconds)

    places.acquire()
    with odd_server(answering(said)) as server, pytest.raises(TimedOut):
        on(plainly(server), partial(login, seconds=0.3))
    places.release()
    with odd_server(answering(said)) as server:
        on(plainly(server), login)
    assert places.acquire(blocking=False)
