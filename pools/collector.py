"""One look at a pool through both captains, and one hand for both. Never longer than its deadline, whatever hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

from pools.actuator import Actuator, actuator
from pools.ask_cloudstack import ask_cluster
from pools.ask_xenserver import ask_answers
from pools.clients.cloudstack import CloudStackEndpoint, open_cloudstack
from pools.clients.errors import ClientError, TimedOut, trouble
from pools.clients.master import open_session
from pools.clients.probe import PROBE_S, probe
from pools.clients.wire import Deadline
from pools.clients.xapi import Endpoint
from pools.facts import CloudStackFacts, Facts, PoolFacts, Probe, Trouble
from pools.reading.xenserver import Answers, pool_facts

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

    def result(self, deadline: Deadline) -> T_co:
        """The value or the error; TimeoutError when it is not there by the deadline."""
        self._thread.join(deadline.left(3600))
        if self._thread.is_alive():
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # it ran to its end


Told = Callable[[Answers, tuple[str, ...]], None]
"""Takes a master's answers, and what could not be read."""
Read = tuple[T | None, tuple[str, ...], Trouble | None]


def look(
    endpoint: Endpoint,
    cs: CloudStackEndpoint | None,
    cluster: str,
    *,
    now: datetime,
    deadline_s: float = LOOK_S,
    told: Told | None = None,
) -> Facts:
    """What both captains say, and how every member answers by itself. A captain that cannot be read is None, with its
    trouble; it raises nothing. `now` becomes the facts' moment; `told` gets the answers that the pool's are made of."""
    whole = Deadline(deadline_s)
    work = whole.within(max(deadline_s - GRACE_S, deadline_s / 2))
    xenserver = _Work("look-xenserver", lambda: _pool(endpoint, now, work, told))
    cloudstack = _Work("look-cloudstack", lambda: _cluster(cs, cluster, work)) if cs else None
    probes = {address: _probing(address, endpoint, work) for address in endpoint.addresses}
    pool, pool_gaps, pool_trouble = _read(xenserver, whole, endpoint.addresses[0], deadline_s)
    if pool:
        # Members that were not known before; and whoever is no member any more is none of our business.
        probes = {h.address: probes.get(h.address) or _probing(h.address, endpoint, work) for h in pool.hosts}
    cluster_facts, cluster_gaps, cluster_trouble = (
        _read(cloudstack, whole, "CloudStack", deadline_s) if cloudstack else (None, (), None)
    )
    return Facts(
        at=now,
        pool=pool,
        pool_trouble=pool_trouble,
        cloudstack=cluster_facts,
        cloudstack_trouble=cluster_trouble,
        probes=tuple(_probed(address, asked, whole) for address, asked in probes.items()),
        gaps=pool_gaps + cluster_gaps,
    )


def _pool(
    endpoint: Endpoint, now: datetime, deadline: Deadline, told: Told | None
) -> tuple[PoolFacts, tuple[str, ...]]:
    with open_session(endpoint, deadline=deadline) as xapi:
        answers, gaps = ask_answers(xapi, now)
    if told:
        told(answers, gaps)
    return pool_facts(answers), gaps


def _cluster(
    cs: CloudStackEndpoint, name: str, deadline: Deadline
) -> tuple[CloudStackFacts, tuple[str, ...]]:
    with open_cloudstack(cs, deadline=deadline) as cloudstack:
        return ask_cluster(cloudstack, name)


def _read(work: _Work[tuple[T, tuple[str, ...]]], deadline: Deadline, place: str, seconds: float) -> Read[T]:
    try:
        facts, gaps = work.result(deadline)
    except ClientError as error:
        return None, (), trouble(error)
    except TimeoutError:
        return None, (), trouble(TimedOut("read", place, seconds))
    return facts, gaps, None


def _probing(address: str, endpoint: Endpoint, deadline: Deadline) -> _Work[Probe]:
    return _Work(f"probe-{address}", partial(probe, address, endpoint, deadline=deadline))


def _probed(address: str, work: _Work[Probe], deadline: Deadline) -> Probe:
    try:
        return work.result(deadline)
    except TimeoutError:
        says = TimedOut("read", address, PROBE_S).says
        return Probe(address=address, answers=False, code="timeout", says=says)
