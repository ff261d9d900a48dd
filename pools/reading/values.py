"""Values as they come over the wire, in Python's types. XAPI sends whole numbers as text, and dates its own way."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import Any

NULL = "OpaqueRef:NULL"
LONGEST = 255
"""Characters of a name; whoever sends more means no name."""
LARGEST = 2**63 - 1


def number(value: Any) -> int | None:
    """A whole number that a database can hold, or None when it is none."""
    try:
        found = int(float(value)) if isinstance(value, str) and "." in value else int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) <= LARGEST else None


def decimal(value: Any) -> float | None:
    """A number, or None when it is none; `other_config` writes times as `1732240800.`."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def flag(value: Any) -> bool | None:
    """A yes or no, also as text; None when it is neither."""
    if isinstance(value, bool):
        return value
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def moment(value: Any) -> datetime | None:
    """XAPI's date (`YYYYMMDDTHH:MM:SSZ`, in UTC); None when it is unreadable or the epoch, which means never."""
    text = str(getattr(value, "value", value) or "").rstrip("Z")
    for form in ("%Y%m%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            at = datetime.strptime(text.partition(".")[0], form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return at if at.year > 1970 else None
    return None


def words(value: Any) -> tuple[str, ...]:
    """A list of texts, or the values of a map such as `current_operations`; sorted, each as `text` has it."""
    items = value.values() if isinstance(value, dict) else value or ()
    return tuple(sorted(seen(str(item)[:LONGEST]) for item in items))


def text(record: dict[str, Any], name: str, longest: int = LONGEST) -> str:
    """A field's text; empty when it is absent or a null reference. What cannot be seen in it, or turns the text around
    it, is shown as a mark."""
    found = str(record.get(name) or "")[:longest]
    return "" if found == NULL else seen(found)


def seen(text: str) -> str:
    """A text without characters that nobody sees; lines stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
