"""The two captains as the executor sees them: look at a pool, and act on it. Everything that is sent goes by here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pools import collector
from pools.actuator import actuator
from pools.clients.wire import gated
from pools.clients.xapi import Endpoint
from pools.connect import cloudstack_endpoint, endpoint
from pools.facts import Facts, Trouble
from pools.models import Pool
from pools.policyform import change_policy
from pools.secret import Secret
from workflows.engine.decide import Remote, together
from workflows.engine.step import CloudStack, Handle, Member, Xapi
from workflows.running import clock
from workflows.running.lease import Lease, LostLease
from workflows.running.newcomers import Words


class Hands(Protocol):
    """An open session with both captains."""

    @property
    def xapi(self) -> Xapi:
        """The master. Logs in at first, which may take its time: the lease is asked after it."""

    @property
    def cloudstack(self) -> CloudStack: ...

    def member(self, address: str) -> Member: ...

    def at(self, way: Endpoint) -> Xapi:
        """A session with a host that is no member yet."""

    def status(self, kind: str, id: str) -> Any:
        """How a remote task or job stands: `state`, `share`, `error`."""


class Captains(Protocol):
    """What the executor needs of the outside world."""

    def look(self, pool: Pool, known: Facts) -> Facts:
        """Fresh facts of the pool that `known` are facts of, and of no other."""

    def acting(self, pool: Pool, facts: Facts) -> AbstractContextManager[Hands]:
        """Sessions with the captains that `facts` come from."""


class TheCaptains:
    """The real ones, over the wire."""

    def look(self, pool: Pool, known: Facts) -> Facts:
        way = _all_known(endpoint(pool), known)
        facts = self._ask(pool, way)
        if known.pool is None or facts.pool is None or facts.pool.uuid == known.pool.uuid:
            return facts
        # A host that was ejected answers as the master of a pool of its own: leave its addresses out, and ask again.
        strangers = {host.address for host in facts.pool.hosts}
        others = tuple(address for address in way.addresses if address not in strangers)
        if others:
            facts = self._ask(pool, replace(way, addresses=others))
        return same_pool(facts, known.pool.uuid)

    def _ask(self, pool: Pool, way: Endpoint) -> Facts:
        return collector.look(way, cloudstack_endpoint(pool), pool.cluster, now=clock.now())

    @contextmanager
    def acting(self, pool: Pool, facts: Facts) -> Iterator[Hands]:
        with actuator(_members_only(endpoint(pool), facts), cloudstack_endpoint(pool)) as hands:
            yield hands


def _all_known(way: Endpoint, known: Facts) -> Endpoint:
    """Its addresses, and those of members that were seen when the run was planned."""
    seen = tuple(host.address for host in known.pool.hosts) if known.pool else ()
    return replace(way, addresses=tuple(dict.fromkeys((*way.addresses, *seen))))


def _members_only(way: Endpoint, facts: Facts) -> Endpoint:
    """The master of this very look first, then its members: nothing is sent to a host that has left."""
    if facts.pool is None:
        return way
    hosts = sorted(facts.pool.hosts, key=lambda host: not host.is_master)
    return replace(way, addresses=tuple(host.address for host in hosts))


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
    told = (hands.status(one.kind, one.id) for one in handle.each)
    return together([Remote(status.state, status.share, tuple(status.error)) for status in told])


@dataclass
class Guarded:
    """An Api that lets a call go only under a lease that is still ours, and knows how many went."""

    hands: Hands
    lease: Lease
    words: Words
    by: str = ""
    """Who said yes to this."""
    sent: int = 0
    """Calls that left, or tried to. The last one alone may be proven not to have arrived."""

    @property
    def xapi(self) -> Xapi:
        return _GuardedXapi(self, lambda: self.hands.xapi)

    @property
    def cloudstack(self) -> CloudStack:
        return _GuardedCloudStack(self)

    def newcomer(self, address: str) -> Xapi:
        return _GuardedXapi(self, lambda: self.hands.at(self.words.way(address)))

    def member(self, address: str) -> Member:
        return _GuardedMember(self, self.hands.member(address))

    def policy(self, wanted: Mapping[str, Any]) -> None:
        with self.leaving():
            change_policy(self.words.pool.pk, wanted, self.by)

    def revealed(self, params: Mapping[str, str]) -> dict[str, str]:
        """Parameters of a CloudStack command with the secret words themselves: for the wire, at once."""
        said = {key: self.words.said(value) for key, value in params.items()}
        return {key: word.reveal() if isinstance(word, Secret) else word for key, word in said.items()}

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Around a call: the lease is renewed before it, and held to at each write. Raises LostLease."""
        if not self.lease.renew():
            raise LostLease
        self.sent += 1
        with gated(self.lease.hold):
            yield


@dataclass(frozen=True)
class _GuardedXapi:
    guard: Guarded
    login: Callable[[], Xapi]

    def start(self, call: str, *args: Any) -> str:
        captain, said = self.login(), tuple(map(self.guard.words.said, args))
        with self.guard.leaving():
            return captain.start(call, *said)

    def call(self, call: str, *args: Any) -> Any:
        captain, said = self.login(), tuple(map(self.guard.words.said, args))
        with self.guard.leaving():
            return captain.call(call, *said)


@dataclass(frozen=True)
class _GuardedMember:
    guard: Guarded
    member: Member

    def call(self, call: str, *args: Any) -> Any:
        with self.guard.leaving():
            return self.member.call(call, *args)


@dataclass(frozen=True)
class _GuardedCloudStack:
    guard: Guarded

    def start(self, command: str, **params: str) -> str:
        captain = self.guard.hands.cloudstack  # logs in, which may take its time: the lease is asked after it
        with self.guard.leaving():
            return captain.start(command, **self.guard.revealed(params))

    def do(self, command: str, **params: str) -> Mapping[str, Any]:
        captain = self.guard.hands.cloudstack  # logs in, which may take its time: the lease is asked after it
        with self.guard.leaving():
            return captain.do(command, **self.guard.revealed(params))
