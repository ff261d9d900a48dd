"""Where the one truth is kept: SQLite in WAL for one machine, PostgreSQL for a team."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url

from dashboard.env import env

SQLITE_OPTIONS = {
    # Without IMMEDIATE a read that turns into a write fails at once ("database is locked").
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000",
}


def from_environment(data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES["default"] from DATABASE_URL, or a SQLite file in the data folder."""
    url = env.url(
        "DATABASE_URL", ("sqlite", "postgres", "postgresql"), "postgresql://user:password@host/baton"
    )
    if not url:
        return sqlite(data_dir / "baton.sqlite3", data_dir)
    parsed = dict(dj_database_url.parse(url))
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return sqlite(Path(str(parsed["NAME"])), data_dir)
    # Persistent connections and ASGI do not go together: every request may run in another thread.
    return {**parsed, "CONN_MAX_AGE": 0}


def sqlite(file: Path, data_dir: Path) -> dict[str, Any]:
    """A SQLite database; its test twin is a file too, so that tests meet real locks and other processes."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": SQLITE_OPTIONS,
        "TEST": {"NAME": data_dir / "test.sqlite3"},
    }
