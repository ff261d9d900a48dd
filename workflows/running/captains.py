"""The two captains as the executor sees them: look at a pool, and act on it. Everything that is sent goes by here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.utils import timezone

from pools import collector
from pools.actuator import actuator
from pools.clients.xapi import Endpoint
from pools.connect import cloudstack_endpoint, endpoint
from pools.facts import Facts, Trouble
from pools.models import Pool
from workflows.engine.decide import Remote
from workflows.engine.step import Api, CloudStack, Handle, Xapi
from workflows.running.lease import Lease, LostLease


class Hands(Api, Protocol):
    """An open session with both captains."""

    def status(self, kind: str, id: str) -> Any:
        """How a remote task or job stands: `state`, `share`, `error`."""


class Captains(Protocol):
    """What the executor needs of the outside world."""

    def look(self, pool: Pool) -> Facts: ...

    def acting(self, pool: Pool, facts: Facts) -> AbstractContextManager[Hands]:
        """Sessions with the captains that `facts` come from."""


class TheCaptains:
    """The real ones, over the wire."""

    def look(self, pool: Pool) -> Facts:
        return collector.look(endpoint(pool), cloudstack_endpoint(pool), pool.cluster, now=timezone.now())

    @contextmanager
    def acting(self, pool: Pool, facts: Facts) -> Iterator[Hands]:
        with actuator(_members_only(endpoint(pool), facts), cloudstack_endpoint(pool)) as hands:
            yield hands


def _members_only(known: Endpoint, facts: Facts) -> Endpoint:
    """The master of this very look first, then its members: a host that was ejected a moment ago comes back as a
    master of its own, and would take the call."""
    if facts.pool is None:
        return known
    hosts = sorted(facts.pool.hosts, key=lambda host: not host.is_master)
    return replace(known, addresses=tuple(host.address for host in hosts))


def same_pool(facts: Facts, uuid: str) -> Facts:
    """The facts, unless they are another pool's."""
    if facts.pool is None or facts.pool.uuid == uuid:
        return facts
    says = f"Another pool answers at the known addresses: {facts.pool.name} ({facts.pool.uuid})."
    return replace(
        facts, pool=None, pool_trouble=Trouble(code="another-pool", params=(facts.pool.uuid,), says=says)
    )


def ask(hands: Hands, handle: Handle) -> Remote:
    """What the captain says about a handle."""
    status = hands.status(handle.kind, handle.id)
    return Remote(status.state, status.share, tuple(status.error))


@dataclass
class Guarded:
    """An Api that lets a call go only under a lease that is still ours, and knows whether one went."""

    hands: Api
    lease: Lease
    sent: bool = False

    @property
    def xapi(self) -> Xapi:
        return _GuardedXapi(self)

    @property
    def cloudstack(self) -> CloudStack:
        return _GuardedCloudStack(self)

    def let_go(self) -> None:
        """Right before a call leaves."""
        if not self.lease.renew():
            raise LostLease
        self.sent = True


@dataclass(frozen=True)
class _GuardedXapi:
    guard: Guarded

    def start(self, call: str, *args: Any) -> str:
        captain = self.guard.hands.xapi  # logs in, which may take its time: the lease is asked after it
        self.guard.let_go()
        return captain.start(call, *args)

    def call(self, call: str, *args: Any) -> Any:
        captain = self.guard.hands.xapi  # logs in, which may take its time: the lease is asked after it
        self.guard.let_go()
        return captain.call(call, *args)


@dataclass(frozen=True)
class _GuardedCloudStack:
    guard: Guarded

    def start(self, command: str, **params: str) -> str:
        captain = self.guard.hands.cloudstack  # logs in, which may take its time: the lease is asked after it
        self.guard.let_go()
        return captain.start(command, **params)

    def do(self, command: str, **params: str) -> Mapping[str, Any]:
        captain = self.guard.hands.cloudstack  # logs in, which may take its time: the lease is asked after it
        self.guard.let_go()
        return captain.do(command, **params)
