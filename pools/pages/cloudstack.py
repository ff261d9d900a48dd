"""CloudStack's part of the pool page: which cluster and how that is known, how old it is, and its own clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pools.facts import Facts
from pools.mapped import Tie, tie_of
from pools.models import Pool, Sweep
from pools.swept import cluster_of
from pools.timing import SETTINGS, WHAT, timing


@dataclass(frozen=True, slots=True)
class Setting:
    """One of CloudStack's clocks. `told` when it was read; otherwise it is CloudStack's default."""

    name: str
    value: str
    means: str
    told: bool


@dataclass(frozen=True, slots=True)
class Tied:
    """What the part shows. `at` is when CloudStack was last seen to say so; `gaps` are what it would not tell us."""

    at: datetime
    tie: Tie
    settings: tuple[Setting, ...]
    gaps: tuple[str, ...]


def tied(pool: Pool, facts: Facts) -> Tied:
    seen = facts.cloudstack
    clocks = settings(facts) if seen else ()
    return Tied(
        _seen_at(pool, facts),
        tie_of(pool),
        clocks,
        tuple(gap for gap in facts.gaps if gap.startswith("list")),
    )


def _seen_at(pool: Pool, facts: Facts) -> datetime:
    """A sweep that found the cluster as the look did says so again: nothing is judged anew for it."""
    told = facts.cloudstack_seen_at
    sweep = Sweep.objects.filter(cloudstack=pool.cloudstack_id, trouble__isnull=True).first()
    cluster = cluster_of(pool) if sweep and sweep.at else None
    same = facts.cloudstack is not None and cluster is not None and cluster.changed_at <= told
    return max(told, sweep.at) if sweep and sweep.at and same else told


def settings(facts: Facts) -> tuple[Setting, ...]:
    """Every clock that sentences speak of."""
    told = timing(facts.cloudstack)
    return tuple(
        Setting(name, _shown(name, told.seconds(name)), WHAT[name], name in told.told) for name in SETTINGS
    )


def _shown(name: str, value: float) -> str:
    return f"× {value:g}" if name == "ping.timeout" else f"{value:g} s"
