"""How often an address is asked. Pure.

Two questions: a *touch* (does anybody take a connection?) costs 0.1 ms of processor time, an *ask* (TLS, and whom it
follows) 3 ms. Each has a pace of its own while all is well, and a rate that it never goes beyond, whatever the number
of hosts: together they take at most a tenth of one core. Figures: docs/watching.md.
"""

from __future__ import annotations

from dataclasses import dataclass

TOUCH_S, ASK_S, DOUBT_S = 30.0, 120.0, 1.0
"""Seconds between two touches, two asks, and two asks while the master is in doubt, where there are few hosts."""
FIRST_S, SILENT_S = 2.0, 5.0
"""Seconds within which everybody is asked once at the start, and between two asks of a member that was silent, or in
emergency mode."""
WITNESSES, THROUGH_S = 3, 10.0
"""How many members are asked whether they still reach a master in doubt, and how many seconds apart: it is a login."""
TOUCHES, ASKS, DOUBTS = 100.0, 20.0, 20.0
"""The most of each in a second, over all pools. Above 2,400 hosts asks are further apart, above 3,000 touches."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two of each, and within which everybody is asked once at the start. In doubt, the address that
    was the master comes before the others."""

    first_s: float
    touch_s: float
    ask_s: float
    master_s: float
    member_s: float


def pace(hosts: int, doubtful_pools: int, doubtful_hosts: int) -> Pace:
    """For so many hosts in all, and so many pools, with so many hosts, whose master is in doubt."""
    return Pace(
        first_s=max(FIRST_S, hosts / ASKS),
        touch_s=max(TOUCH_S, hosts / TOUCHES),
        ask_s=max(ASK_S, hosts / ASKS),
        master_s=max(DOUBT_S, doubtful_pools / DOUBTS),
        member_s=max(DOUBT_S, doubtful_hosts / DOUBTS),
    )


def place(address: str) -> float:
    """An address's share of an interval, from 0 to 1: the first round is spread evenly, and two consoles that start
    together do not knock together."""
    return (hash(address) % 10_007) / 10_007
