"""One look at a pool through both captains, and one hand for both. Never longer than its deadline, whatever hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Generic, TypeVar

from pools.actuator import Actuator, actuator
from pools.ask_cloudstack import ask_cluster
from pools.ask_xenserver import ask_pool
from pools.clients.cloudstack import CloudStackEndpoint, open_cloudstack
from pools.clients.errors import ClientError, TimedOut, trouble
from pools.clients.master import open_session
from pools.clients.probe import PROBE_S, probe
from pools.clients.wire import Deadline
from pools.clients.xapi import Endpoint
from pools.cloudstack_facts import CloudStackFacts
from pools.facts import Facts, PoolFacts, Probe, Trouble
from pools.probing.known import Asked
from pools.probing.pace import WITNESSES
from pools.rules.console import REFUSALS

__all__ = ["Actuator", "actuator", "look"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
LOOK_S = 15.0
GRACE_S = 0.5
"""What a piece of work may need to notice that its time is over."""


class _Work(Generic[T_co]):
    """A function in a thread of its own. A thread that hangs where nothing can end it (the name service) is left."""

    def __init__(self, name: str, function: Callable[[], T_co]) -> None:
        self._function = function
        self._value: T_co | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._function()
        except BaseException as error:  # it is raised where the result is asked for
            self._error = error

    def over_within(self, seconds: float) -> bool:
        """Whether it has come to an end, waiting so long for it at most."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self, deadline: Deadline) -> T_co:
        """The value or the error; TimeoutError when it is not there by the deadline."""
        self._thread.join(deadline.left(3600))
        if self._thread.is_alive():
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # it ran to its end


Read = tuple[T | None, tuple[str, ...], Trouble | None]


def look(
    endpoint: Endpoint,
    cs: CloudStackEndpoint | None,
    cluster: str,
    *,
    now: datetime,
    deadline_s: float = LOOK_S,
    asked: Asked | None = None,
    instead: Trouble | None = None,
) -> Facts:
    """What both captains say, and how every member answers by itself. A captain that cannot be read is None, with its
    trouble; it raises nothing. `now` becomes the facts' moment. Members that were `asked` already are not asked again,
    nor is the master when a trouble stands `instead`."""
    whole = Deadline(deadline_s)
    work = whole.within(max(deadline_s - GRACE_S, deadline_s / 2))
    ours = endpoint.addresses
    xenserver = None if instead else _Work("look-xenserver", lambda: _pool(endpoint, now, work))
    cloudstack = _Work("look-cloudstack", lambda: _cluster(cs, cluster, ours, work)) if cs else None
    members = _Members(endpoint, work, asked, login=instead is None)
    if xenserver and not xenserver.over_within(max(0.0, deadline_s - GRACE_S - PROBE_S)):
        members.ask_missing()  # afterwards there is no time for it, and who was not asked would seem silent
    pool, pool_gaps, pool_trouble = (
        _read(xenserver, whole, endpoint.addresses[0], deadline_s) if xenserver else (None, (), instead)
    )
    members.settle(pool, pool_trouble)
    cluster_facts, cluster_gaps, cluster_trouble = (
        _read(cloudstack, whole, "CloudStack", deadline_s) if cloudstack else (None, (), None)
    )
    return Facts(
        at=now,
        pool=pool,
        pool_trouble=pool_trouble,
        cloudstack=cluster_facts,
        cloudstack_trouble=cluster_trouble,
        probes=members.probes(whole),
        gaps=pool_gaps + cluster_gaps,
    )


def with_cluster(facts: Facts, cs: CloudStackEndpoint, cluster: str, *, deadline_s: float = LOOK_S) -> Facts:
    """These facts with CloudStack's side, asked now; with its trouble, when it cannot be read."""
    whole = Deadline(deadline_s)
    ours = [host.address for host in facts.pool.hosts] if facts.pool else ()
    asked = _Work("look-cloudstack", lambda: _cluster(cs, cluster, ours, whole.within(deadline_s - GRACE_S)))
    seen, gaps, problem = _read(asked, whole, "CloudStack", deadline_s)
    return replace(facts, cloudstack=seen, cloudstack_trouble=problem, gaps=facts.gaps + gaps)


def ask_again(
    endpoint: Endpoint, addresses: Iterable[str], asked: Asked, *, deadline_s: float
) -> list[Probe]:
    """How these members answer now, with since when they say so."""
    deadline = Deadline(deadline_s)
    work = {a: _Work(f"probe-{a}", partial(probe, a, endpoint, deadline=deadline)) for a in addresses}
    return [asked.again(_probed(a, each, deadline), datetime.now(UTC)) for a, each in work.items()]


def _pool(endpoint: Endpoint, now: datetime, deadline: Deadline) -> tuple[PoolFacts, tuple[str, ...]]:
    with open_session(endpoint, deadline=deadline) as xapi:
        return ask_pool(xapi, now)


def _cluster(
    cs: CloudStackEndpoint, name: str, addresses: Collection[str], deadline: Deadline
) -> tuple[CloudStackFacts, tuple[str, ...]]:
    with open_cloudstack(cs, deadline=deadline) as cloudstack:
        return ask_cluster(cloudstack, name, addresses)


def _read(work: _Work[tuple[T, tuple[str, ...]]], deadline: Deadline, place: str, seconds: float) -> Read[T]:
    try:
        facts, gaps = work.result(deadline)
    except ClientError as error:
        return None, (), trouble(error)
    except TimeoutError:
        return None, (), trouble(TimedOut("read", place, seconds))
    return facts, gaps, None


class _Members:
    """The members' own answers: heard already, or asked for beside the rest of the look."""

    def __init__(self, endpoint: Endpoint, deadline: Deadline, asked: Asked | None, *, login: bool) -> None:
        self._endpoint, self._deadline, self._asked, self._login = endpoint, deadline, asked, login
        self._work: dict[str, _Work[Probe]] = {}
        self._addresses: tuple[str, ...] = endpoint.addresses
        self._witnesses: dict[str, _Work[Probe]] = {}
        self._by_itself = asked is None or asked.stale
        if self._by_itself:
            self._ask(endpoint.addresses)

    def settle(self, pool: PoolFacts | None, problem: Trouble | None) -> None:
        """Once it is known who the members are: those that nobody has asked. Who is no member any more is none of our
        business. A password that the master has just refused is tried nowhere else: each local login counts, too."""
        self._login = self._login and (problem is None or problem.code not in REFUSALS)
        if pool:
            self._addresses = tuple(host.address for host in pool.hosts)
        self.ask_missing(pool)
        if pool is None and self._by_itself and self._login:
            self._witnesses = {a: self._question(a, through=True) for a in self._addresses[1 : 1 + WITNESSES]}

    def ask_missing(self, pool: PoolFacts | None = None) -> None:
        """Those that nobody has asked, as far as it is known now who the members are."""
        missing = self._asked.missing(self._addresses, pool) if self._asked else self._addresses
        self._ask([address for address in missing if address not in self._work], through=pool is None)

    def probes(self, deadline: Deadline) -> tuple[Probe, ...]:
        """All of them, in the order of the members."""
        heard = self._asked.of(self._addresses) if self._asked else {}
        new = {a: _probed(a, self._work[a], deadline) for a in self._addresses if a in self._work}
        at = datetime.now(UTC)
        new = {a: self._asked.again(probe, at) for a, probe in new.items()} if self._asked else new
        said = {a: _probed(a, work, deadline) for a, work in self._witnesses.items()}
        new |= {a: probe for a, probe in said.items() if probe.answers}
        return tuple(found for a in self._addresses if (found := new.get(a) or heard.get(a)))

    def _ask(self, addresses: Iterable[str], *, through: bool = False) -> None:
        witnesses = self._addresses[1 : 1 + WITNESSES] if through and self._login else ()
        for address in addresses:
            self._work[address] = self._question(address, through=address in witnesses)

    def _question(self, address: str, *, through: bool) -> _Work[Probe]:
        ask = partial(probe, address, self._endpoint, deadline=self._deadline)
        return _Work(f"probe-{address}", partial(ask, login=self._login, through=through))


def _probed(address: str, work: _Work[Probe], deadline: Deadline) -> Probe:
    try:
        return work.result(deadline)
    except TimeoutError:
        says = TimedOut("read", address, PROBE_S).says
        return Probe(address=address, answers=False, code="timeout", says=says)
