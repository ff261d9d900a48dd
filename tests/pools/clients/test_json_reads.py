"""Facts are the same by JSON-RPC and by XML-RPC, in every release's dialect; an old host is read by XML alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.testing import RunningLab, running_lab
from pools.ask_xenserver import ask_pool
from pools.clients.errors import BadAnswer, ClientError, NotXenServer, Refused, SessionLost
from pools.clients.json_reads import JsonReads, NoJsonHere
from pools.clients.large import Share
from pools.clients.master import open_session
from pools.clients.transport import Reply
from pools.clients.xapi import Xapi
from pools.facts import PoolFacts
from tests.pools.reach import answering, first, odd_server, plainly, to_pool, xml

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
SPEAKS_JSON = {
    "xenserver-6-2": False,
    "xenserver-6-5": False,
    "xenserver-7-1": True,
    "xenserver-8-2": True,
    "xenserver-current": True,
}


def read(lab: RunningLab, *, by_json: bool) -> tuple[PoolFacts, bool]:
    """Amber's facts, and whether JSON was still spoken at the end. What moves by itself is left out."""
    with open_session(to_pool(lab, "amber-1")) as xapi:
        xapi._json.offered = by_json
        facts, _gaps = ask_pool(xapi, NOW)
        steady = tuple(replace(host, memory_free=None) for host in facts.hosts)
        return replace(facts, hosts=steady, tasks=()), xapi._json.offered


@pytest.mark.parametrize(("scenario", "speaks"), SPEAKS_JSON.items())
def test_the_same_world_gives_the_same_facts(scenario: str, speaks: bool) -> None:
    with running_lab(scenario, speed=1.0) as lab:
        by_json, spoke = read(lab, by_json=True)
        by_xml, _ = read(lab, by_json=False)
        assert spoke is speaks
        assert by_json == by_xml
        assert by_json.vms and by_json.pbds and by_json.master_host


class TestOnTheLab:
    def test_a_refusal_is_the_same_one(self, lab: RunningLab) -> None:
        said = []
        for by_json in (True, False):
            with open_session(to_pool(lab, "amber-1")) as xapi:
                xapi._json.offered = by_json
                with pytest.raises(Refused) as no:
                    xapi.call("VM.get_record", "OpaqueRef:none")
                said.append((no.value.code, no.value.params))
        assert said[0] == said[1] == ("HANDLE_INVALID", ("VM", "OpaqueRef:none"))

    def test_a_session_that_ended_is_opened_again_and_the_read_repeated(self, lab: RunningLab) -> None:
        with open_session(to_pool(lab, "amber-1")) as xapi:
            lab.do(lambda world: world.pool("amber").sessions.clear())
            assert len(xapi.call("pool.get_all_records")) == 1

    def test_what_changes_something_never_goes_by_json(self, lab: RunningLab) -> None:
        with open_session(to_pool(lab, "amber-1")) as xapi:
            xapi._json.call = _never  # type: ignore[method-assign, assignment]
            pool = xapi._send("pool.get_all", (), 5.0)[0]
            xapi.call("pool.set_name_description", pool, "by XML")


def _never(*_args: Any) -> Any:
    raise AssertionError("by JSON")


def result(reply: Reply) -> Any:
    """What a client makes of a reply that is not its first."""
    reads = JsonReads(_Said(reply))  # type: ignore[arg-type]
    reads._number = 1
    return reads.call("pool.get_all", "OpaqueRef:session", ())


class _Said:
    """A transport that has only one thing to say."""

    place = "127.0.0.1:443"

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.share = Share()

    def post(self, *_asked: Any) -> Reply:
        return self._reply


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"jsonrpc":"2.0","error":["HOST_STILL_BOOTING"],"id":0}', Refused),
        (
            b'{"jsonrpc":"2.0","error":{"code":1,"message":"HANDLE_INVALID","data":["VM","x"]},"id":1}',
            Refused,
        ),
        (
            b'{"jsonrpc":"2.0","error":{"code":1,"message":"SESSION_INVALID","data":["x"]},"id":1}',
            SessionLost,
        ),
        (b'{"result":null,"error":["SESSION_INVALID","x"],"id":1}', SessionLost),
        (b'{"error":{"message":null,"data":7}}', BadAnswer),
        (b'{"error":7}', BadAnswer),
        (b'{"error":[]}', BadAnswer),
        (b"{}", BadAnswer),
        (b"[1,2]", BadAnswer),
        (b"<html/>", BadAnswer),
        (b"[" * 100_000, BadAnswer),
        (b"\xff\xfe", BadAnswer),
    ],
)
def test_an_odd_reply_is_a_typed_error(body: bytes, error: type[ClientError]) -> None:
    with pytest.raises(error):
        result(Reply(200, "application/json", body))


class TestAHostWithoutIt:
    Answer = Callable[..., Any]

    @pytest.mark.parametrize(
        "other", [answering(b"<html/>", "404 Not Found"), answering(b"<methodResponse/>")]
    )
    def test_is_asked_by_xml_from_the_first_answer_on(self, other: Any) -> None:
        with odd_server(first(answering(xml("OpaqueRef:session")), other)) as server:
            with open_session(plainly(server), read_s=0.5) as xapi:
                with pytest.raises((BadAnswer, NotXenServer)):  # the odd server says the same to everything
                    xapi.call("pool.get_all")
                assert not xapi._json.offered

    def test_is_not_taken_for_one_because_of_a_later_odd_answer(self) -> None:
        reads = JsonReads(_Said(Reply(502, "text/html", b"<html/>")))  # type: ignore[arg-type]
        with pytest.raises(NoJsonHere):
            reads.call("pool.get_all", "s", ())
        assert not reads.offered
        reads = JsonReads(_Said(Reply(502, "text/html", b"<html/>")))  # type: ignore[arg-type]
        reads._number = 1
        with pytest.raises(BadAnswer):
            reads.call("pool.get_all", "s", ())
        assert reads.offered


def test_a_session_reads_by_json_on_the_connection_it_has(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        before = _connection(xapi)
        xapi.call("pool.get_all_records")
        assert _connection(xapi) is before


def _connection(xapi: Xapi) -> Any:
    return xapi._transport._open
