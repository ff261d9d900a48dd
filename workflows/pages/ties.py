"""The ties on the spine: a bracket joins the step that owes something to the step that pays it. Pure.

A tie is dashed while nothing is owed yet (`future`), solid from the debt to now and dashed from now to the step
that pays (`owed`, `ahead`), and thin once it is paid. HA has a lane of its own, and is red while it is owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HA = "ha"


@dataclass(frozen=True, slots=True)
class Bond:
    """One debt, promised or incurred: from step `start` to step `end` (the last step when nothing pays it)."""

    kind: str
    start: int
    end: int
    state: str = "future"
    """`future`, `owed` or `paid`."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What the bond maker needs of one step: what it owes and pays, and whether it takes part at all."""

    owes: str
    pays: tuple[str, ...]
    counts: bool = True
    ahead: bool = True
    """It is still to come: what it will owe is not decided yet."""


def bonds(
    legs: Sequence[Leg], owed: Iterable[tuple[int, str]], paid: Iterable[tuple[int, str]]
) -> tuple[Bond, ...]:
    """All bonds of a plan. `owed` and `paid` hold (step index, kind) of the debts that were really incurred."""
    owed_now, settled = set(owed), set(paid)
    made = []
    for start, leg in enumerate(legs):
        incurred = {kind for index, kind in owed_now | settled if index == start}
        for kind in incurred or ({leg.owes} if leg.owes and leg.counts and leg.ahead else set()):
            end = next(
                (i for i in range(start + 1, len(legs)) if legs[i].counts and kind in legs[i].pays), None
            )
            state = "owed" if (start, kind) in owed_now else "paid" if (start, kind) in settled else "future"
            if end is not None or state == "owed":
                made.append(Bond(kind, start, len(legs) - 1 if end is None else end, state))
    return tuple(made)


def at_step(all_bonds: Iterable[Bond], index: int, now: int) -> tuple[str, ...]:
    """Classes of the ties beside step `index`, while the run stands at step `now`."""
    return tuple(
        _classes(bond, "a" if index == bond.start else "z" if index == bond.end else "m", index > now)
        for bond in all_bonds
        if bond.start <= index <= bond.end
    )


def before_step(all_bonds: Iterable[Bond], index: int, now: int) -> tuple[str, ...]:
    """Classes of the ties that pass between step `index` and the one before it."""
    return tuple(_classes(b, "m", index > now) for b in all_bonds if b.start < index <= b.end)


def _classes(bond: Bond, part: str, ahead: bool) -> str:
    words = ["tie", "l1" if bond.kind == HA else "l2", part]
    if bond.state == "future":
        words.append("future")
    if bond.state == "owed":
        words.append("owed")
        words += ["bad"] if bond.kind == HA else []
        words += ["ahead"] if ahead else []
    return " ".join(words)
