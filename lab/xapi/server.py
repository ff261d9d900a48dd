"""XAPI over HTTP: one handler for each host. Every call is logged, and may meet a fault."""

from __future__ import annotations

import asyncio
from typing import Any

from lab.calls import Call
from lab.server.http import Handler, Request, Response
from lab.server.mischief import deliver
from lab.world import World
from lab.world.process import Process
from lab.world.refusal import Refusal
from lab.world.things import Host
from lab.xapi import dialects, dispatch, events, jsonrpc, wire

XML_PATHS, JSON_PATH = ("/", "/RPC2"), "/jsonrpc"
PASSWORD_POSITION = {
    "session.login_with_password": 1,
    "session.slave_local_login_with_password": 1,
    "pool.join": 3,
    "pool.join_force": 3,
}
RESET = Response(delivery="reset")
Spoken = wire.XmlCall | jsonrpc.JsonCall


def handler(world: World, host: Host) -> Handler:
    """What the HTTP server calls for each request to this host."""

    async def handle(request: Request) -> Response:
        if request.method != "POST" or request.path not in _paths(host):
            return Response(404, b"<html><body>404 not found</body></html>", "text/html")
        if host.power != "on" or host.toolstack != "running":
            return RESET  # it went down a moment ago, and its port is about to close
        try:
            read = jsonrpc.read_call if request.path == JSON_PATH else wire.read_call
            spoken = read(request.body)
        except wire.Unreadable as problem:
            return Response(500, f"<html><body>Internal error: {problem}</body></html>".encode(), "text/html")
        call = log(world, host, spoken.method, spoken.args)
        fault = world.faults.take(host.name, spoken.method)
        return await deliver(
            fault, call, lambda: answer(world, host, spoken, call), lambda words: _refused(spoken, words)
        )

    return handle


def _paths(host: Host) -> tuple[str, ...]:
    """JSON-RPC came with 7.0."""
    return (*XML_PATHS, JSON_PATH) if dialects.release(host.pool) >= dialects.JSON_SINCE else XML_PATHS


def log(world: World, host: Host, method: str, args: list[Any]) -> Call:
    """Write the call down as it arrives, without its session among the arguments and without passwords."""
    session = dispatch.session_of(method, args)
    shown = list(args)
    position = PASSWORD_POSITION.get(method.removeprefix("Async."))
    if position is not None and position < len(shown):
        shown[position] = "***"
    return world.calls.record(
        world.now(),
        "xapi",
        host.name,
        method,
        [plain(value) for value in (shown[1:] if session else shown)],
        session=session,
        changing=dispatch.changes_something(method),
    )


def plain(value: Any) -> Any:
    """The value as JSON can carry it: the wire also has dates and bytes."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def _refused(spoken: Spoken, words: list[str]) -> Response:
    code, *params = words
    return _response(spoken, spoken.failure(Refusal(code, *params)))


def _response(spoken: Spoken, body: bytes) -> Response:
    return Response(body=body, content_type=spoken.content_type)


async def answer(world: World, host: Host, spoken: Spoken, call: Call) -> Response:
    """Run the call and shape its outcome. It is not cancelled when the client goes away."""
    try:
        process = await _begin(world, host, spoken, call)
        await _ended(process)
        if process.error is not None:
            raise process.error
        value = process.result
        if isinstance(value, events.Listening):
            value = await value.wait()
    except dispatch.InEmergency as refusal:
        call.outcome = refusal.code
        return _response(spoken, spoken.early_failure(refusal))
    except Refusal as refusal:
        call.outcome = refusal.code
        return _response(spoken, spoken.failure(refusal))
    finally:
        if call.changing:
            events.ring(host.pool)
    if process.status == "stopped":
        call.outcome = "lost: the toolstack stopped"
        return RESET
    call.outcome = "ok"
    _follow_task(host, process.result, call)
    return _response(spoken, spoken.success(value))


def _follow_task(host: Host, result: Any, call: Call) -> None:
    """The outcome of an asynchronous call is its task's, once that has ended."""
    if not call.name.startswith("Async."):
        return
    task = next((task for task in host.pool.tasks if task.ref == result), None)
    if task is not None and task.process is not None:
        call.outcome = "under way"
        task.process.on_done(lambda process: _note_end(call, process))
        task.process.on_done(lambda process: events.ring(host.pool))


def _note_end(call: Call, process: Process) -> None:
    if process.status == "stopped":
        call.outcome = "lost: stopped before its end"
    else:
        call.outcome = "ok" if process.error is None else process.error.code


async def _begin(world: World, host: Host, spoken: Spoken, call: Call) -> Process:
    """Start the call, after waiting as long as it takes for a member's master to answer again."""
    while True:
        try:
            return dispatch.begin(world, host, spoken.method, spoken.args)
        except dispatch.MasterSilent:
            call.outcome = "hangs: no master answers"
            waiting = world.run(dispatch.wait_for_master(world, host), host)
            try:
                await _ended(waiting)
            finally:
                waiting.stop()
            if not world.reachable(host):
                return waiting


async def _ended(process: Process) -> None:
    if process.status != "pending":
        return
    done = asyncio.get_running_loop().create_future()
    process.on_done(lambda _process: None if done.done() else done.set_result(None))
    await done
