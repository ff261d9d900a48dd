"""Bytes that no XenServer would send: each ends in time, as a typed error, and nothing is sent twice."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pools.clients import transport
from pools.clients.errors import AnswerLost, BadAnswer, ClientError, NotXenServer, TimedOut, Unreachable
from pools.clients.master import open_session
from pools.clients.wire import Deadline
from pools.clients.xapi import Xapi
from tests.pools.reach import (
    Behaviour,
    OddServer,
    answering,
    dripping,
    first,
    hanging_up,
    odd_server,
    plainly,
    silent,
    xml,
)
from tests.support.waiting import soon

ENDLESS = 30.0


def login_at(
    behaviour: Behaviour, seconds: float = ENDLESS, greeting: bytes = b""
) -> tuple[OddServer, ClientError]:
    """The error that a login there ends with."""
    with odd_server(behaviour, greeting) as server:
        with pytest.raises(ClientError) as error, open_session(plainly(server), deadline=Deadline(seconds)):
            pass
    return server, error.value


@contextmanager
def logged_in(then: Behaviour, seconds: float = ENDLESS) -> Iterator[tuple[OddServer, Xapi]]:
    """A session with a server that lets us in, and then behaves so."""
    with odd_server(first(answering(xml("OpaqueRef:session")), then)) as server:
        with open_session(plainly(server), deadline=Deadline(seconds), read_s=0.5) as xapi:
            yield server, xapi


@pytest.mark.parametrize(
    "answer",
    [
        answering(b"<html>Welcome to nginx</html>"),
        answering(b"\x00\xff\xfe garbage"),
        answering(b""),
        answering(b"<html/>", "404 Not Found"),
        answering(b"", "302 Found", Location="https://example.org/"),
        answering(
            b"<?xml version='1.0'?><methodResponse><params><param><value>x</value></param></params></methodResponse>"
        ),
        lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
    ],
)
def test_what_is_not_xapi_is_named_as_such(answer: Behaviour) -> None:
    _, error = login_at(answer)
    assert isinstance(error, NotXenServer)
    assert "check the address and the port" in error.says


def test_a_dripping_host_does_not_outlast_the_deadline() -> None:
    with soon():
        _, error = login_at(dripping, seconds=0.5)
    assert isinstance(error, TimedOut)


def test_a_silent_host_does_not_outlast_the_deadline() -> None:
    with soon():
        _, error = login_at(silent, seconds=0.5)
    assert isinstance(error, TimedOut)


def test_a_connection_cut_at_login_is_unreachable_and_tried_once() -> None:
    server, error = login_at(hanging_up)
    assert isinstance(error, Unreachable)
    assert (error.code, len(server.requests)) == ("cut", 1)


def test_a_port_where_nobody_listens_is_refused() -> None:
    with odd_server(silent) as server:
        pass
    with pytest.raises(Unreachable) as error, open_session(plainly(server)):
        pass
    assert error.value.code == "refused"


def test_a_change_cut_off_is_an_answer_lost_and_was_sent_once() -> None:
    with logged_in(hanging_up) as (server, xapi):
        with pytest.raises(AnswerLost):
            xapi.call("host.reboot", "OpaqueRef:1")
        assert len([r for r in server.requests if b"host.reboot" in r]) == 1


def test_a_change_that_drips_is_an_answer_lost() -> None:
    with logged_in(dripping) as (_, xapi), pytest.raises(AnswerLost):
        xapi.start("pool.eject", "OpaqueRef:1")


FAULT = b"""<?xml version="1.0"?><methodResponse><fault><value><struct>
<member><name>faultCode</name><value><int>1</int></value></member>
<member><name>faultString</name><value>internal</value></member></struct></value></fault></methodResponse>"""
NO_STATUS = (
    b"<?xml version='1.0'?><methodResponse><params><param><value>x</value></param></params></methodResponse>"
)


@pytest.mark.parametrize("answer", [FAULT, NO_STATUS])
def test_a_change_answered_with_nonsense_may_have_been_carried_out(answer: bytes) -> None:
    with logged_in(answering(answer)) as (server, xapi):
        with pytest.raises(AnswerLost):
            xapi.start("pool.eject", "OpaqueRef:1")
        assert len([r for r in server.requests if b"pool.eject" in r]) == 1


def test_a_change_to_a_host_that_has_gone_since_was_never_sent() -> None:
    with odd_server(first(answering(xml("OpaqueRef:session")), hanging_up)) as server:
        with open_session(plainly(server)) as xapi:
            server.close()
            with pytest.raises(Unreachable):
                xapi.call("host.reboot", "OpaqueRef:1")


def test_a_read_that_is_garbage_is_a_bad_answer() -> None:
    with logged_in(answering(b"{}")) as (_, xapi), pytest.raises(BadAnswer):
        xapi.call("pool.get_all_records")


def test_a_reply_without_end_is_cut_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_REPLY", 1024)
    with logged_in(answering(xml("x" * 5000))) as (_, xapi), pytest.raises(BadAnswer, match="larger than"):
        xapi.call("pool.get_all_records")


def test_no_traceback_shows_the_password() -> None:
    for behaviour in (hanging_up, answering(b"garbage"), answering(xml("no", "Failure", "ErrorDescription"))):
        _, error = login_at(behaviour)
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        assert "a-very-secret-word" not in shown
        assert "a-very-secret-word" not in repr(error)
