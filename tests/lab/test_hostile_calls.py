"""Whatever arrives, the lab answers as XAPI would and none of its own code falls over."""

from __future__ import annotations

import json
import xmlrpc.client
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lab import scenarios
from lab.server.messages import Request, Response
from lab.world import SteppedClock, World
from lab.world.refusal import Refusal
from lab.world.things import Session
from lab.xapi import dispatch, server, wire
from lab.xapi.records import KINDS
from lab.xapi.registry import MESSAGES
from tests.support.loops import awaited

SESSION = "OpaqueRef:a-session"
NAMES = (
    sorted(MESSAGES) + [f"{kind}.get_record" for kind in KINDS] + ["pool.x", "x", "", "host.set_other_config"]
)
SCALARS = st.none() | st.booleans() | st.integers(-1, 300) | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner)
)


def world_with_session() -> World:
    world = scenarios.load("two-host", World(SteppedClock()))
    world.begin()
    pool = world.pool("amber")
    master = pool.hosts[0]
    pool.sessions[SESSION] = Session(SESSION, "a-session", "root", "", master, world.now(), world.now())
    return world


def references(world: World) -> list[str]:
    """Something of every class."""
    pool = world.pool("amber")
    return [kind.ref(thing) for kind in KINDS.values() for thing in list(kind.things(pool))[:2]]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_call_makes_the_lab_fall_over(data: st.DataObject) -> None:
    world = world_with_session()
    clock = world.clock
    assert isinstance(clock, SteppedClock)
    values = st.sampled_from(references(world)) | VALUES
    for _ in range(3):
        method = data.draw(st.sampled_from(["", "Async."])) + data.draw(st.sampled_from(NAMES))
        args = [SESSION, *data.draw(st.lists(values, max_size=4))]
        host = data.draw(st.sampled_from(world.hosts))
        try:
            process = dispatch.begin(world, host, method, args)
        except (Refusal, dispatch.MasterSilent):
            continue
        clock.step(data.draw(st.sampled_from([0, 10, 500])))
        if process.status == "success":
            assert wire.XmlCall(method, []).success(process.result)
    assert world.crashes == []


@given(st.binary(max_size=200))
def test_no_body_makes_the_reader_fall_over(body: bytes) -> None:
    try:
        call = wire.read_call(body)
    except wire.Unreadable:
        return
    assert call.method
    assert isinstance(call.args, list)


@given(VALUES)
def test_whatever_is_sent_can_be_read(value: Any) -> None:
    answer = wire.XmlCall("x", []).success(value).decode()
    assert answer.startswith("<?xml")
    [result], _method = xmlrpc.client.loads(answer)
    assert result["Status"] == "Success"  # type: ignore[index,call-overload]


WITH_SESSION = [name for name in dispatch.names(0) if "login" not in name and name != "system.listMethods"]


@cache
def untouched() -> World:
    """One world for all who change nothing: they have no session."""
    return world_with_session()


def ask(world: World, request: Request) -> Response:
    """What the first host's server answers."""

    async def once() -> Response:
        return await server.handler(world, world.hosts[0])(request)

    return awaited(once())


METHODS = st.sampled_from(["GET", "POST", "PUT", "HEAD", "x"])
PATHS = st.sampled_from(["/", "/RPC2", "/jsonrpc", "/jsonrpc/", "//", "/../", "*"])
ENVELOPE = st.fixed_dictionaries(
    {"method": st.sampled_from(NAMES) | SCALARS, "params": VALUES, "id": VALUES},
    optional={"jsonrpc": st.sampled_from(["2.0", "1.0", 2, None])},
)


@settings(max_examples=60, deadline=None)
@given(METHODS, PATHS, st.binary(max_size=60) | ENVELOPE.map(lambda call: json.dumps(call).encode()))
def test_no_request_gets_a_success_without_a_session(method: str, path: str, body: bytes) -> None:
    world = untouched()
    answer = ask(world, Request(method, path, {}, body))
    assert answer.status in (200, 404, 500)
    if answer.status == 200:
        told = answer.body
        assert b"Failure" in told or json.loads(told).get("error") or b"system.listMethods" in body
    assert world.crashes == []


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_call_succeeds_with_a_session_that_nobody_gave(data: st.DataObject) -> None:
    world = untouched()
    method = data.draw(st.sampled_from(WITH_SESSION))
    args = data.draw(st.lists(VALUES, max_size=4))
    try:
        process = dispatch.begin(world, world.hosts[0], method, ["OpaqueRef:nobody", *args])
    except Refusal as refusal:
        assert refusal.code
        return
    assert process.error is not None, method
