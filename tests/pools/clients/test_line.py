"""A line in an event loop trusts, waits and reads no more than the other clients do."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import aiohttp
import pytest

from lab.testing import RunningLab
from pools.clients import line as lines
from pools.clients.errors import BadAnswer, ClientError, LoginRefused, Refused, TimedOut, TlsUntrusted
from pools.clients.json_reads import NoJsonHere
from pools.clients.line import Line, web
from pools.clients.trust import Trust
from pools.clients.xapi import Endpoint
from tests.pools.reach import answering, dripping, odd_server, plainly, to_pool
from tests.support.loops import awaited
from tests.support.waiting import soon

T = TypeVar("T")


def on(way: Endpoint, work: Callable[[Line], Awaitable[T]]) -> T:
    """What the work gives, on a line to the way's first address."""

    async def run() -> T:
        async with web() as http:
            line = Line(http, way, way.addresses[0])
            try:
                return await work(line)
            finally:
                await line.close()

    return awaited(run())


async def pools(line: Line) -> object:
    await line.login()
    return await line.call("pool.get_all", seconds=5.0)


def test_it_reads_over_a_certificate_that_is_pinned(lab: RunningLab) -> None:
    assert on(to_pool(lab, "amber-1"), pools) == [lab.world.pool("amber").ref]


def test_another_certificate_gets_no_byte(lab: RunningLab) -> None:
    calls = len(lab.calls())
    with pytest.raises(TlsUntrusted) as no:
        on(to_pool(lab, "amber-1", pinned=("amber-2",)), pools)
    assert no.value.fingerprint == lab.fingerprint("amber-1")
    assert len(lab.calls()) == calls


def test_without_pins_an_authority_has_to_vouch(lab: RunningLab) -> None:
    with pytest.raises(TlsUntrusted):
        on(replace(to_pool(lab, "amber-1"), trust=Trust()), pools)


def test_a_member_names_its_master(lab: RunningLab) -> None:
    with pytest.raises(Refused) as no:
        on(to_pool(lab, "amber-2"), pools)
    assert (no.value.code, no.value.params) == ("HOST_IS_SLAVE", (lab.address("amber-1"),))


def test_a_wrong_password_is_told_as_such(lab: RunningLab) -> None:
    with pytest.raises(LoginRefused):
        on(to_pool(lab, "amber-1", password="wrong"), pools)


def test_what_carried_large_replies_is_given_up_once_they_are_over(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LARGE", 1000)
    opened: list[int] = []

    async def counted(*_: object) -> None:
        opened[-1] += 1

    async def run() -> None:
        async with web() as http:
            trace = aiohttp.TraceConfig()
            trace.on_connection_create_start.append(counted)
            trace.freeze()
            http.trace_configs.append(trace)
            way = to_pool(lab, "amber-1")
            line = Line(http, way, way.addresses[0])
            for call in ("pool.get_all", "host.get_all_records"):
                opened.append(0)
                await line.login()
                await line.call(call, seconds=5.0)
                line.slim()
                await line.call("pool.get_all", seconds=5.0)  # the last over it
                await line.call("pool.get_all", seconds=5.0)
                await line.call("pool.get_all", seconds=5.0)
                await line.close()

    awaited(run())
    assert opened == [1, 1], (
        "the second goes on over the first's, and over one of its own after large replies"
    )


def test_who_never_answers_is_left_after_its_time(lab: RunningLab) -> None:
    lab.break_("hang", "amber-1")
    with soon(), pytest.raises(TimedOut):
        on(to_pool(lab, "amber-1"), lambda line: line.login(0.3))


def test_a_call_that_may_take_long_is_not_waited_for_in_silence(lab: RunningLab) -> None:
    async def frozen_after_login(line: Line) -> object:
        await line.login()
        lab.break_("hang", "amber-1")
        return await line.call("pool.get_all", seconds=30.0, silent_s=0.3)

    with soon(), pytest.raises(TimedOut):
        on(to_pool(lab, "amber-1"), frozen_after_login)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>a proxy</html>", NoJsonHere),
        (b"x" * 5000, BadAnswer),
        (b"[" * 3000, NoJsonHere),
        (json.dumps({"result": None, "error": ["HOST_STILL_BOOTING"], "id": 0}).encode(), Refused),
    ],
)
def test_an_odd_answer_is_an_error_of_its_kind(
    monkeypatch: pytest.MonkeyPatch, body: bytes, error: type[Exception]
) -> None:
    monkeypatch.setattr(lines, "MAX_REPLY", 4096)
    with odd_server(answering(body)) as server, pytest.raises(error):
        on(plainly(server), pools)


def test_who_cannot_serve_just_now_is_not_taken_for_one_without_json() -> None:
    """As while a toolstack starts behind something that answers for it: a login an hour later would be late."""
    starting = answering(b"<html>not yet</html>", "503 Service Unavailable")
    with odd_server(starting) as server, pytest.raises(BadAnswer, match="503"):
        on(plainly(server), pools)


def test_a_drip_is_cut_at_its_end() -> None:
    with soon(), odd_server(dripping) as server, pytest.raises(ClientError):
        on(plainly(server), lambda line: line.login(0.4))
