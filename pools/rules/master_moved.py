"""The master is another one than before, and no run of ours moved it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pools.facts import PoolFacts
from pools.rules.case import Case, Finding, Severity
from pools.rules.code import Code
from pools.rules.words import clock, the_host, xenserver

NEWS = timedelta(hours=24)
"""A move is worth a warning for this long; then it is history and stands in the timeline."""

MOVED = Code(
    slug="master-moved",
    severity=Severity.WARNING,
    fires="the master changed within a day, and no run of ours did it",
    means="HA elected a new master, or a person moved it: the old one may have crashed.",
)
CODES = (MOVED,)


def judge(case: Case) -> Iterator[Finding]:
    pool = case.facts.pool
    master = pool.master_host if pool else None
    was, at = _before(case)
    if pool is None or master is None or not was or was == pool.master or case.ago(at) > NEWS:
        return
    says = (
        f"{master.name} is the master now; before, it was {_name(case, pool, was)}. Seen {clock(at)}. No "
        "run of ours moved it."
    )
    yield MOVED.found(
        the_host(master), says, xenserver(case, "master", master.uuid), xenserver(case, "master before", was)
    )


def _before(case: Case) -> tuple[str, datetime]:
    if case.master_was and case.master_moved_at:
        return case.master_was, case.master_moved_at
    return (case.known.pool.master if case.known and case.known.pool else ""), case.now


def _name(case: Case, pool: PoolFacts, uuid: str) -> str:
    before = case.known.pool.host(uuid) if case.known and case.known.pool else None
    host = pool.host(uuid) or before
    return host.name if host else f"a host that is gone ({uuid})"
