"""Between the prober and the database: who is to be asked, and what was heard. Blocks: not for the loop itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from pools import refusals
from pools.clients.errors import LoginRefused
from pools.clients.trust import Trust
from pools.clients.xapi import Endpoint
from pools.credentials import seal
from pools.encoding import probes_to
from pools.facts import Probe, Trouble
from pools.models import Pool, Probing, Refusal
from pools.models.pool import doubtful

LIGHT = ("version", "addresses", "port", "user", "password", "pins", "ca", "plain_http")
KEY = LIGHT.index("password")
"""Where a mark has it, as it is sealed."""
GOOD, LAST = (
    tuple(f"{look}__pool__{what}" for what in ("hosts", "master")) for look in ("good_facts", "facts")
)
"""Where a row has the members and their master: in the last good look, or in the last one where that is the same."""


Troubled = tuple[frozenset[int], frozenset[int]]
NOBODY: Troubled = (frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Known:
    """One pool as stored. `mark` is another when the way to it may be."""

    pool_id: int
    mark: tuple[Any, ...]
    way: Endpoint | None
    doubtful: bool
    refused: bool
    """Nobody may log in for now; `paused`: nobody has been let in since that was so."""
    paused: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be stored of one pool."""

    pool_id: int
    probes: tuple[Probe, ...]
    silent_since: datetime | None


def troubled() -> Troubled:
    """The pools that could not be read the last time, and those of them that refuse us: what cannot wait for `known`,
    which reads them all."""
    doubted = frozenset(doubtful().values_list("pk", flat=True))
    if not doubted:
        return NOBODY
    refused = Refusal.objects.filter(pool__in=doubted).values_list("pool_id", flat=True)
    return doubted, frozenset(pk for pk in refused if pk is not None)


def known(marks: Mapping[int, tuple[Any, ...]]) -> list[Known]:
    """All pools. `way` is None where nothing of it can be otherwise than when it had the mark given."""
    refused = dict(Refusal.objects.exclude(pool=None).values_list("pool_id", "next_at"))
    now = timezone.now()
    doubted = set(doubtful().values_list("pk", flat=True))
    # As text, and compared as such: a thousand rows are decoded for the few that are others.
    rows = Pool.objects.order_by("pk").values_list("pk", *(Cast(name, TextField()) for name in LIGHT))
    new = {pk: mark for pk, *mark in rows}
    others = [pk for pk, mark in new.items() if marks.get(pk) != tuple(mark)]
    seen = {row["pk"]: row for row in Pool.objects.filter(pk__in=others).values("pk", *GOOD, *LAST, *LIGHT)}
    return [
        Known(
            pool_id=pk,
            mark=tuple(mark),
            way=_way(seen[pk]) if pk in seen else None,
            doubtful=pk in doubted,
            refused=pk in refused and now < refused[pk],
            paused=pk in refused,
        )
        for pk, mark in new.items()
    ]


def looked_at(pool_ids: Collection[int]) -> dict[int, datetime | None]:
    """When each of these pools was looked at last."""
    return dict(Pool.objects.filter(pk__in=pool_ids).values_list("pk", "looked_at"))


def _way(row: Mapping[str, Any]) -> Endpoint:
    """The members as last seen, the master first; before the first look, what was typed in."""
    members, master = (row[name] for name in (GOOD if row[GOOD[0]] else LAST))
    hosts = sorted(members or (), key=lambda host: host["uuid"] != master)
    return Endpoint(
        addresses=tuple(dict.fromkeys([host["address"] for host in hosts] or row["addresses"])),
        port=row["port"],
        user=row["user"],
        password=row["password"],
        trust=Trust(frozenset(row["pins"]), row["ca"], row["plain_http"]),
    )


def answered(pool_id: int, key: str, probe: Probe) -> None:
    """How a login went, as a look notes its own: refused, or let in. Nothing where `key`, the password as it is sealed,
    is another by now."""
    pool = Pool.objects.select_related("refusal").filter(pk=pool_id).first()
    if pool and seal(pool.password) == key:
        no = Trouble(code=probe.code, says=probe.says) if probe.code == LoginRefused.code else None
        refusals.note(pool, no, timezone.now())


def save(heard: Iterable[Heard], now: datetime) -> None:
    """Store what was heard; of a pool that is gone, nothing."""
    told = {h.pool_id: h for h in heard}
    there = set(Pool.objects.filter(pk__in=told).values_list("pk", flat=True))
    Probing.objects.bulk_create(
        [
            Probing(pool_id=pk, at=now, probes=probes_to(h.probes), silent_since=h.silent_since)
            for pk, h in told.items()
            if pk in there
        ],
        update_conflicts=True,
        unique_fields=["pool"],
        update_fields=["at", "probes", "silent_since"],
    )
