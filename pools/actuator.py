"""Both captains in one hand, for steps that act. Each session is opened when it is first needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pools.clients.cloudstack import CloudStack, CloudStackEndpoint, open_cloudstack
from pools.clients.errors import ClientError
from pools.clients.handles import CLOUDSTACK_JOB, XAPI_TASK, HandleStatus, job_status, task_status
from pools.clients.master import open_session
from pools.clients.wire import Deadline
from pools.clients.xapi import READ_S, Endpoint, Xapi


class NoCloudStack(ClientError):
    """A step needs CloudStack, and the pool is not connected to one."""

    code = "no-cloudstack"

    def __init__(self) -> None:
        super().__init__(
            "This pool is not connected to a CloudStack: connect it on the pool's settings page first."
        )


@dataclass(frozen=True, slots=True)
class Member:
    """One host by itself: each call on a local session of its own, since the host may restart after it."""

    endpoint: Endpoint
    address: str

    def call(self, call: str, *args: Any) -> Any:
        """Send one of the emergency calls (pools/clients/xapi.py). Raises the clients' errors."""
        xapi = Xapi(self.endpoint, self.address, Deadline(), READ_S)
        try:
            return xapi.urgent(call, *args)
        finally:
            xapi.close()


class Actuator:
    """What the engine hands to a step. Sessions belong to the thread that uses them first."""

    def __init__(self, endpoint: Endpoint, cs: CloudStackEndpoint | None, stack: ExitStack) -> None:
        self._endpoint, self._cs, self._stack = endpoint, cs, stack

    @cached_property
    def xapi(self) -> Xapi:
        """A session with the master. Raises the clients' errors; nothing that changes anything was sent then."""
        return self._stack.enter_context(open_session(self._endpoint))

    @cached_property
    def cloudstack(self) -> CloudStack:
        """A session with CloudStack. Raises NoCloudStack where the pool has none."""
        if self._cs is None:
            raise NoCloudStack
        return self._stack.enter_context(open_cloudstack(self._cs))

    def member(self, address: str) -> Member:
        """One host by itself, for emergency calls. Nothing is opened before the first call."""
        return Member(self._endpoint, address)

    def at(self, way: Endpoint) -> Xapi:
        """A session with the host at that way in, which is no member of this pool."""
        return self._stack.enter_context(open_session(way))

    def status(self, kind: str, id: str) -> HandleStatus:
        """How far a task or job is that was started here or by somebody else; `kind` as in pools/clients/handles.py."""
        if kind == XAPI_TASK:
            return task_status(self.xapi, id)
        if kind == CLOUDSTACK_JOB:
            return job_status(self.cloudstack, id)
        raise ValueError(f"no such kind of handle: {kind}")


@contextmanager
def actuator(endpoint: Endpoint, cs: CloudStackEndpoint | None) -> Iterator[Actuator]:
    """Both captains, logged out at the end."""
    with ExitStack() as stack:
        yield Actuator(endpoint, cs, stack)
