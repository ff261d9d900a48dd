"""Which CloudStack makes another host of a pool the master by itself. Pure."""

from __future__ import annotations

ELECTS_BEFORE = (4, 3, 2)
"""CloudStack before this version promotes a member by itself (CLOUDSTACK-5923, back-ported to 4.3.2)."""


def elects_master(version: str) -> bool | None:
    """Whether that version does; None when it is not known."""
    parts = version.replace("-", ".").split(".")
    numbers = tuple(int(part) for part in parts[:3] if part.isascii() and part.isdigit())
    return numbers < ELECTS_BEFORE if numbers else None
