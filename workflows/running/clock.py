"""What time it is, by the one clock that all workers share: the database's.

A worker whose own clock is an hour off would otherwise end waits that have not run out, or leave a run alone for an
hour. With SQLite the database's clock is that machine's.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection


def now() -> datetime:
    """The database's time of this statement, aware, in UTC."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
            return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
        return told.astimezone(UTC)
