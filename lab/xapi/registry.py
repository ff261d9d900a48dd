"""The calls that do something, each registered with the types of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab.world import World
from lab.world.process import Process, Steps
from lab.world.refusal import Refusal
from lab.world.things import Host, Pool
from lab.xapi.datamodel import ORDER

Handler = Callable[..., Any]

# Each pool operation in progress answers the others with its own error (xapi_pool_helpers.ml).
IN_PROGRESS = {
    "ha_enable": "HA_ENABLE_IN_PROGRESS",
    "ha_disable": "HA_DISABLE_IN_PROGRESS",
    "designate_new_master": "DESIGNATE_NEW_MASTER_IN_PROGRESS",
}
CONTACT_TIMEOUT_SECONDS = 30.0


@dataclass
class Context:
    """One call under way: the host that received it, its session, and the process that runs it."""

    world: World
    host: Host
    session: str
    task_ref: str
    process: Process | None = None

    @property
    def pool(self) -> Pool:
        return self.host.pool

    def progress(self, done: float) -> None:
        """Tell the task how far it is, from 0 to 1."""
        if self.process is not None:
            self.process.progress = done

    @contextmanager
    def operation(self, thing: Any, name: str, kind: str = "pool") -> Iterator[None]:
        """Hold the operation on the thing while it lasts; refuse while another one is held."""
        for task, other in thing.current_operations.items():
            if kind == "pool" and other in IN_PROGRESS:
                raise Refusal(IN_PROGRESS[other])
            raise Refusal("OTHER_OPERATION_IN_PROGRESS", kind, thing.ref, other, task)
        thing.current_operations[self.task_ref] = name
        try:
            yield
        finally:
            thing.current_operations.pop(self.task_ref, None)

    def reach(self, host: Host) -> Steps:
        """Contact another host as the master does: refused at once if it counts as dead, late if it only is."""
        if not host.live:
            raise Refusal("HOST_OFFLINE", host.ref)
        if not self.world.connects(self.host, host):
            yield CONTACT_TIMEOUT_SECONDS
            raise Refusal("CANNOT_CONTACT_HOST", host.ref)


@dataclass(frozen=True)
class Message:
    """A call: its arguments' types without the session, which ones may be left out, where it may run.

    ``session``: it takes one. ``emergency``: allowed in emergency mode and run on the host that receives it.
    ``since``: the place in ``datamodel.RELEASES`` of the release that brought it; ``optional_since``: of those that
    brought its optional arguments, where they came later than the call.
    """

    name: str
    handler: Handler
    params: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    session: bool = True
    emergency: bool = False
    can_be_async: bool = True
    since: int = 0
    optional_since: tuple[int, ...] = ()

    def arguments_in(self, release: int) -> int:
        """How many arguments it takes at most in that release, without the session."""
        later = sum(since > release for since in self.optional_since)
        return len(self.params) + len(self.optional) - later


MESSAGES: dict[str, Message] = {}


def message(
    name: str,
    *params: str,
    optional: tuple[str, ...] = (),
    session: bool = True,
    emergency: bool = False,
    can_be_async: bool = True,
    since: str = "-",
    optional_since: tuple[str, ...] = (),
) -> Callable[[Handler], Handler]:
    """Register the decorated function as the call ``name``. Releases are named as in ``datamodel.RELEASES``."""

    def register(handler: Handler) -> Handler:
        can = can_be_async and session and not emergency
        later = tuple(ORDER[release] for release in optional_since)
        MESSAGES[name] = Message(
            name, handler, params, optional, session, emergency, can, ORDER[since], later
        )
        return handler

    return register
