"""Replies that mean ill, against the wire: each is refused soon, and what it may become in memory is bounded."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from pools.clients import plain
from pools.clients.errors import ClientError, TimedOut
from pools.clients.master import open_session
from pools.clients.wire import Deadline
from pools.reading.values import decimal, number, text
from tests.pools.reach import Behaviour, answering, odd_server, plainly, xml

LAUGHS = (
    b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'>"
    + b"".join(f"<!ENTITY b{i} '{f'&b{i - 1};' * 10 if i else '&a;'}'>".encode() for i in range(12))
    + b"]><methodResponse>&b11;</methodResponse>"
)


def endless(head: bytes) -> Behaviour:
    """A reply of 200 MB, as fast as it is taken."""

    def behave(connection: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n" + head)  # type: ignore[attr-defined]
        for _ in range(200):
            connection.sendall(b" " * 2**20)  # type: ignore[attr-defined]

    return behave


@pytest.mark.parametrize(
    "behaviour",
    [
        endless(b"<methodResponse>"),
        answering(LAUGHS),
        answering(b"\x1f\x8b" + b"\0" * 999, **{"Content-Encoding": "gzip"}),
        answering(b"<a>" * 200_000),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50_000),
    ],
    ids=["200 MB", "billion laughs", "gzip that nobody asked for", "deep", "endless headers"],
)
def test_a_reply_that_means_ill_is_refused_soon(behaviour: Behaviour) -> None:
    with odd_server(behaviour) as server:
        with pytest.raises(ClientError) as error, open_session(plainly(server), deadline=Deadline(60.0)):
            pass
    assert not isinstance(error.value, TimedOut), "its own limits refuse it, not the clock"


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 200_000,
        b"[" + b"[]," * 600_000 + b"1]",
        b"[" + b"1," * 5_000_000 + b"1]",
        b'{"result": NaN}',
        b"[1" + b"0" * 5000 + b"]",
    ],
    ids=["deep", "lists", "values", "NaN", "a number of 5,000 digits"],
)
def test_json_that_would_grow_is_refused_before_it_does(raw: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(ValueError):
        plain.loads(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


def test_text_that_no_database_stores_is_made_harmless() -> None:
    told = plain.loads(b'{"a\\u0000": "b\\u0000c", "d": ["\\ud800", "\\ud83d\\ude00"]}')
    assert told == {"a\ufffd": "b\ufffdc", "d": ["\ufffd", "\U0001f600"]}
    json.dumps(told).encode()


def test_names_are_cut_and_cannot_turn_the_text_around_them() -> None:
    record = {"name": "x" * 2**20, "turned": "abc\u202ecba", "html": "<b>&", "lines": "a\nb"}
    assert len(text(record, "name")) == 255
    assert text(record, "turned") == "abc\ufffdcba"
    assert (text(record, "html"), text(record, "lines")) == ("<b>&", "a\nb")


@pytest.mark.parametrize("value", ["1e999", "nan", "inf", 10**400])
def test_numbers_beyond_all_measure_are_not_known(value: object) -> None:
    assert number(value) is None
    assert decimal(value) is None


def test_an_ordinary_reply_is_still_read() -> None:
    with odd_server(answering(xml("OpaqueRef:1"))) as server, open_session(plainly(server)) as xapi:
        assert xapi.address == "127.0.0.1"
