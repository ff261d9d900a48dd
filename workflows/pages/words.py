"""Small wordings that several pages share. Pure."""

from __future__ import annotations

from datetime import datetime

OWED = {"ha": "HA", "maintenance": "the host", "host-disabled": "the host", "unmanaged": "the cluster"}
"""What a debt of that kind is about, after `owes` or `pays`."""


def span(seconds: float) -> str:
    """A length of time as people say it: `9 s`, `6 min 40 s`, `1 h 5 min`."""
    total = max(0, round(seconds))
    if total < 60:
        return f"{total} s"
    minutes, rest = divmod(total, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def between(start: datetime | None, end: datetime | None) -> str:
    """How long something took; empty while it is not known."""
    return span((end - start).total_seconds()) if start and end else ""


def plural(number: int, one: str, many: str = "") -> str:
    """`1 change`, `2 changes`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def short(digest: str) -> str:
    """The first eight characters of a digest, as it is read aloud: `7f3a c91e`."""
    return f"{digest[:4]} {digest[4:8]}".strip()


def unmet(says: str, cure: str) -> str:
    """A check that does not hold, and what to do about it."""
    return f"Does not hold: “{says}”. {cure}".strip()


def listed(names: list[str]) -> str:
    """`Ada`, `Ada and Bo`, `Ada, Bo and Chen`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
