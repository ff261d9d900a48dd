"""Who makes another host of a pool the master: XenServer's HA, within a time, and CloudStack of old. Pure."""

from __future__ import annotations

from datetime import timedelta

ELECTION = timedelta(seconds=120)
"""What XenServer takes beyond the HA timeout until a new master serves (75 to 150 s at a timeout of 60 s)."""
USUAL_TIMEOUT_S = 60
"""HA's timeout where none is set."""
LONGEST_S = 86_400
"""Whatever stands there was typed in by somebody: no clock takes a million years."""

ELECTS_BEFORE = (4, 3, 2)
"""CloudStack before this version promotes a member by itself (CLOUDSTACK-5923, back-ported to 4.3.2)."""


def elects_master(version: str) -> bool | None:
    """Whether that version does; None when it is not known."""
    parts = version.replace("-", ".").split(".")
    numbers = tuple(int(part) for part in parts[:3] if part.isascii() and part.isdigit())
    return numbers < ELECTS_BEFORE if numbers else None


def elected_within(timeout_s: int | None) -> timedelta:
    """From the last answer of a master until HA has had its time to elect another."""
    return timedelta(seconds=min(max(timeout_s or USUAL_TIMEOUT_S, 0), LONGEST_S)) + ELECTION
