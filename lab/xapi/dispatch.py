"""From a method name and arguments to a running process: which call, whose session, where it runs.

Sources: api_server.ml (emergency mode comes first), session_check.ml, xapi_session.ml.
"""

from __future__ import annotations

import inspect
from typing import Any

from lab.faults import Fault
from lab.world import World
from lab.world.process import Process, Steps
from lab.world.refusal import Refusal
from lab.world.things import Host, Task
from lab.xapi import arguments, calls, dialects, events, generic, registry, sessions
from lab.xapi.registry import MESSAGES, Context, Message

# Importing calls and events registers them.
__all__ = [
    "InEmergency",
    "MasterSilent",
    "begin",
    "calls",
    "changes_something",
    "events",
    "names",
    "session_of",
]

READING = ("get_", "assert_", "is_", "ha_compute", "ha_failover_plan_exists", "compute_", "local_assert")
NEVER_CHANGING = ("session.", "event.", "system.")
POLL_SECONDS = 2.0
DAY = 86_400.0


class InEmergency(Refusal):
    """The host is in emergency mode: refused before the call was looked at."""


class MasterSilent(Exception):
    """A member needs its master's database and gets no answer: the call hangs until a master answers."""


def find(name: str, release: int) -> Message:
    """The message; MESSAGE_METHOD_UNKNOWN[method] if that release has none."""
    message = MESSAGES.get(name) or generic.find(name)
    if message is None or message.since > release:
        raise Refusal("MESSAGE_METHOD_UNKNOWN", name)
    return message


def names(release: int) -> list[str]:
    """All calls of that release, also in their asynchronous form."""
    own = [message for message in MESSAGES.values() if message.since <= release]
    async_forms = [f"Async.{message.name}" for message in own if message.can_be_async]
    return sorted({*(message.name for message in own), *generic.names(release), *async_forms})


def begin(world: World, host: Host, method: str, args: list[Any]) -> Process:
    """Start the call a host received. Raises Refusal when it is refused before it runs, MasterSilent when it hangs."""
    name = method.removeprefix("Async.")
    message = MESSAGES.get(name)
    if host.emergency is not None and not (message and message.emergency):
        raise InEmergency(*host.emergency)
    release = dialects.release(host.pool)
    message = find(name, release)
    is_async = method != name
    if is_async and not message.can_be_async:
        raise Refusal("MESSAGE_METHOD_UNKNOWN", method)
    session, args = _split_session(message, args)
    arguments.check_count(message, args, release)
    if message.session:
        _judge_session(world, host, message, session)
    return _launch(world, host, message, session, args, is_async=is_async)


def _split_session(message: Message, args: list[Any]) -> tuple[str, list[Any]]:
    if not message.session:
        return "", args
    if not args:
        raise Refusal("MESSAGE_PARAMETER_COUNT_MISMATCH", message.name, len(message.params), 0)
    return str(args[0]), args[1:]


def _judge_session(world: World, host: Host, message: Message, session: str) -> None:
    """Local sessions run where they are; a master's sessions are refused by its members with its address."""
    if session in host.local_sessions:
        if message.emergency or host.is_master:
            return
        _need_master(world, host)
    elif host.is_master:
        sessions.use(world, host.pool, session)
    else:
        _need_master(world, host)
        known = session in host.pool.sessions
        raise Refusal("HOST_IS_SLAVE", host.master_address) if known else Refusal("SESSION_INVALID", session)


def _need_master(world: World, host: Host) -> None:
    if not world.has_database(host):
        raise MasterSilent


def wait_for_master(world: World, host: Host) -> Steps:
    """Ends when the host's database connection works again; xapi retries for ever."""
    while not world.has_database(host):
        yield POLL_SECONDS


def _launch(
    world: World, host: Host, message: Message, session: str, args: list[Any], *, is_async: bool
) -> Process:
    ctx = Context(world, host, session, task_ref=world.new_ref())
    fault = world.faults.take_task(host.name, message.name) if is_async else None
    process = world.prepare(_at_fault(fault) if fault else _steps(ctx, message, args), host)
    ctx.process = process
    if not is_async:
        return process.start()
    task = Task(ctx.task_ref, world.new_uuid(), f"Async.{message.name}", process, host, world.now())
    ctx.pool.tasks.append(task)
    process.on_done(lambda _process: setattr(task, "finished", world.now()))
    process.start()
    return world.run(_value(task.ref))


def _steps(ctx: Context, message: Message, args: list[Any]) -> Steps:
    result = message.handler(ctx, *arguments.convert(message, ctx.pool, args))
    if inspect.isgenerator(result):
        result = yield from result
    return result


def _at_fault(fault: Fault) -> Steps:
    """The call is accepted and does nothing: it fails, or goes on for ever."""
    if fault.kind == "fails":
        raise Refusal(*fault.error)
    while True:
        yield DAY


def _value(value: Any) -> Steps:
    yield from ()
    return value


@registry.message("system.listMethods", session=False, can_be_async=False)
def list_methods(ctx: Context) -> list[str]:
    """What this release has, for clients that look before they call."""
    return names(dialects.release(ctx.pool))


def changes_something(method: str) -> bool:
    """A call that may change the world, by its name; for the calls log."""
    name = method.removeprefix("Async.")
    verb = name.partition(".")[2]
    return not (name.startswith(NEVER_CHANGING) or verb.startswith(READING) or name == "task.destroy")


def session_of(method: str, args: list[Any]) -> str:
    """The session reference among the arguments, for the calls log."""
    first = args[0] if args else ""
    return first if isinstance(first, str) and first.startswith("OpaqueRef:") else ""
