"""CloudStack's part of the pool page: which cluster and how that is known, how old it is, and its own clocks."""

from __future__ import annotations

from dataclasses import dataclass

from pools.facts import Facts
from pools.mapped import Tie, tie_of
from pools.models import Pool
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
    """What the part shows. `gaps` are what CloudStack would not tell us."""

    tie: Tie
    settings: tuple[Setting, ...]
    gaps: tuple[str, ...]


def tied(pool: Pool, facts: Facts) -> Tied:
    seen = facts.cloudstack
    clocks = settings(facts) if seen else ()
    return Tied(tie_of(pool), clocks, tuple(gap for gap in facts.gaps if gap.startswith("list")))


def settings(facts: Facts) -> tuple[Setting, ...]:
    """Every clock that sentences speak of."""
    told = timing(facts.cloudstack)
    return tuple(
        Setting(name, _shown(name, told.seconds(name)), WHAT[name], name in told.told) for name in SETTINGS
    )


def _shown(name: str, value: float) -> str:
    return f"× {value:g}" if name == "ping.timeout" else f"{value:g} s"
