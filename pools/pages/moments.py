"""A moment as people give it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime


def moment_of(text: str) -> datetime | None:
    """`2026-11-22T03:12`, with or without seconds and zone (UTC where none is given); None for anything else."""
    try:
        at = parse_datetime(text.strip())
    except ValueError:  # well formed, and no such day
        return None
    if at is None:
        return None
    try:
        # In UTC at once: a time at either end of the calendar has none, and the database would say so too late.
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        return None
