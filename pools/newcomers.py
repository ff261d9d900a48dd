"""Looks at hosts that are to join a pool: at each by itself, read-only, side by side with the pool's master.

A host whose certificate nobody has vouched for is sent nothing: its trouble then names the fingerprint that it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from pools.ask_xenserver import by
from pools.clients.errors import BadAnswer, ClientError, Refused, trouble
from pools.clients.master import open_session
from pools.clients.questions import Asking, Gaps, Question, asked
from pools.clients.wire import Deadline
from pools.clients.xapi import Endpoint, Xapi
from pools.facts import Newcomer, Passport
from pools.reading.newcomer import Papers, newcomer, passport
from pools.reading.values import moment

LOOK_S = 12.0
Clock = tuple[datetime, float]
"""What a host's clock showed, and when that was by our own (monotonic)."""


def inspect(ways: Mapping[str, Endpoint], pool: Endpoint) -> tuple[tuple[Newcomer, ...], Passport | None]:
    """Each address by its own way in, and the master's passport; None when the master cannot be read. All at once, and
    none for longer than LOOK_S; it raises nothing."""
    if not ways:
        return (), None
    with ThreadPoolExecutor(max_workers=len(ways) + 1) as threads:
        measured = threads.submit(_measure, pool)
        looks = {address: threads.submit(partial(_ask, way)) for address, way in ways.items()}
        measure = measured.result()
        found = {address: work.result() for address, work in looks.items()}
    clock = measure[1] if measure else None
    return tuple(_newcomer(address, answer, clock) for address, answer in found.items()), (
        passport(measure[0]) if measure else None
    )


Answer = tuple[Papers, Clock | None]


def _newcomer(address: str, answer: Answer | ClientError, master: Clock | None) -> Newcomer:
    if isinstance(answer, ClientError):
        return Newcomer(address=address, name=address, trouble=trouble(answer))
    papers, clock = answer
    return newcomer(papers, address, _skew(clock, master))


def _measure(way: Endpoint) -> Answer | None:
    answer = _ask(way)
    return None if isinstance(answer, ClientError) else answer


def _ask(way: Endpoint) -> Answer | ClientError:
    try:
        with open_session(way, deadline=Deadline(LOOK_S)) as xapi:
            papers = asked(_papers(xapi.address, way.addresses[0]), by(xapi))
            return papers, _clock(xapi, papers.ref)
    except ClientError as error:
        return error


def _papers(master: str, address: str) -> Asking[Papers]:
    """Of the host at that address; a member of some pool has led us to its master."""
    gaps = Gaps()
    pools, hosts = (yield Question("pool.get_all_records")), (yield Question("host.get_all_records"))
    if not isinstance(pools, dict) or not isinstance(hosts, dict) or len(pools) != 1:
        raise BadAnswer(master, "no pool")
    (pool,) = pools.values()
    if pool.get("master") not in hosts:
        raise BadAnswer(master, "a pool without its master")
    meant = (ref for ref, host in hosts.items() if host.get("address") == address)
    return Papers(
        ref=next(meant, pool["master"]),
        pool=pool,
        hosts=hosts,
        pifs=(yield from gaps.records("PIF.get_all_records")) or {},
        bonds=(yield from gaps.records("Bond.get_all_records")) or {},
        srs=(yield from gaps.records("SR.get_all_records")) or {},
        vms=(yield from gaps.records("VM.get_all_records")) or {},
        tasks=(yield from gaps.records("task.get_all_records")) or {},
        updates=(yield from gaps.records("pool_update.get_all_records")) or {},
    )


def _clock(xapi: Xapi, host: str) -> Clock | None:
    try:
        shown: Any = moment(xapi.call("host.get_servertime", host))
    except Refused:
        return None
    return (shown, monotonic()) if shown else None


def _skew(mine: Clock | None, master: Clock | None) -> float | None:
    """Seconds by which the newcomer's clock is ahead of the master's."""
    if mine is None or master is None:
        return None
    return round((mine[0] - master[0]).total_seconds() - (mine[1] - master[1]))
