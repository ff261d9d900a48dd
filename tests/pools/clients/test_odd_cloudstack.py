"""CloudStack's replies that mean ill: each is refused soon, with a sentence, and takes no more memory than it may."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import tracemalloc
from itertools import count as counting

import pytest

from pools.clients import cloudstack as client
from pools.clients import large
from pools.clients.errors import AnswerLost, BadAnswer, ClientError, TimedOut
from tests.pools.clients.test_bombs import endless
from tests.pools.clients.test_cloudstack import asking
from tests.pools.reach import Behaviour, answering


def listing(*hosts: object, count: object) -> Behaviour:
    """The same page of hosts, whichever is asked for."""
    return answering(json.dumps({"listhostsresponse": {"count": count, "host": list(hosts)}}).encode())


PACKED = gzip.compress(b'{"listhostsresponse": {"text": "' + b" " * 100 * 2**20 + b'"}}')
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{}"


def cut_short(connection: object) -> None:
    connection.sendall(SHORT)  # type: ignore[attr-defined]
    connection.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "behaviour",
    [
        endless(b'{"a": {"b": "'),
        answering(PACKED, **{"Content-Encoding": "gzip"}),
        answering(b'{"a": ' * 100_000),
        answering(b'{"a": {"b": [' + b"[]," * 600_000 + b"1]}}"),
        cut_short,
    ],
    ids=["200 MB", "packed", "deep", "lists", "shorter than it says"],
)
def test_a_reply_that_means_ill_is_refused_soon(
    behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_REPLY", 4 * 2**20)
    tracemalloc.start()
    with asking(behaviour, seconds=60.0) as (_, api), pytest.raises(ClientError) as error:
        api.list("listHosts", "host")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not isinstance(error.value, TimedOut), "its own limits refuse it, not the clock"
    assert peak < 30e6


def test_nobody_is_asked_to_pack_his_reply() -> None:
    with asking(listing(count=0)) as (server, api):
        api.list("listHosts", "host")
    assert b"accept-encoding: identity" in server.requests[0].lower()


def test_a_page_that_comes_again_ends_the_list() -> None:
    with asking(listing({"id": "1"}, count=10**9)) as (server, api):
        with pytest.raises(BadAnswer, match="same page again"):
            api.list("listHosts", "host")
        assert len(server.requests) == 2


def test_pages_that_differ_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_BYTES", 2**20)
    numbers = counting()

    def another(connection: socket.socket) -> None:
        listing({"id": str(next(numbers)), "name": "x" * 100_000}, count=10**9)(connection)

    with asking(another) as (server, api):
        with pytest.raises(BadAnswer, match="listHosts is larger than 1 MB in all"):
            api.list("listHosts", "host")
        assert len(server.requests) == 11
        with pytest.raises(BadAnswer, match="larger than"):
            api.whole("listHosts", "host", ("id",))
        assert len(server.requests) == 22, "each list begins anew"


@pytest.mark.parametrize("count", [-1, "many", None, [], 1e999], ids=str)
def test_a_count_that_is_none_is_a_bad_answer(count: object) -> None:
    said = json.dumps({"listhostsresponse": {"count": count, "host": []}}).replace("Infinity", "1e999")
    with (
        asking(answering(said.encode())) as (_, api),
        pytest.raises(BadAnswer, match="listHosts gives no list"),
    ):
        api.list("listHosts", "host")


@pytest.mark.parametrize("rows", ["text", {"id": "1"}, ["text"], [None]], ids=str)
def test_rows_that_are_none_are_a_bad_answer(rows: object) -> None:
    said = json.dumps({"listhostsresponse": {"count": 1, "host": rows}}).encode()
    with asking(answering(said)) as (_, api), pytest.raises(BadAnswer, match="listHosts gives no list"):
        api.list("listHosts", "host")


@pytest.fixture
def one_place(monkeypatch: pytest.MonkeyPatch) -> threading.BoundedSemaphore:
    """One place for large replies, and a thousand bytes are large."""
    only = threading.BoundedSemaphore(1)
    monkeypatch.setattr(large, "_places", only)
    monkeypatch.setattr(large, "LARGE", 1000)
    return only


LONG = listing({"id": "x" * 5000}, count=1)


def test_a_large_list_gives_its_place_back(one_place: threading.BoundedSemaphore) -> None:
    with asking(LONG) as (_, api):
        assert len(api.list("listHosts", "host")) == 1
    assert one_place.acquire(blocking=False)


def test_a_large_list_waits_for_other_large_replies_no_longer_than_its_time(
    one_place: threading.BoundedSemaphore,
) -> None:
    one_place.acquire()
    with asking(LONG, seconds=0.3) as (_, api), pytest.raises(TimedOut):
        api.list("listHosts", "host")


def test_a_change_whose_large_answer_waited_too_long_was_sent(one_place: threading.BoundedSemaphore) -> None:
    one_place.acquire()
    with asking(LONG, seconds=0.3) as (server, api):
        with pytest.raises(AnswerLost, match="updateCluster was sent"):
            api.do("updateCluster", id="1")
        assert len(server.requests) == 1
