"""The embedded database takes two writers at once; the shared one is named by DATABASE_URL."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from dashboard import database


def test_sqlite_in_the_data_folder_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert database.from_environment(tmp_path)["NAME"] == tmp_path / "baton.sqlite3"


def test_a_sqlite_url_gets_the_same_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/baton.db")
    chosen = database.from_environment(tmp_path)
    assert chosen["NAME"] == Path("/srv/baton.db")
    assert chosen["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql_keeps_no_connection_between_requests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://baton:pw@db.example.org:5433/baton")
    chosen = database.from_environment(tmp_path)
    assert (chosen["HOST"], chosen["PORT"], chosen["CONN_MAX_AGE"]) == ("db.example.org", 5433, 0)


@pytest.mark.django_db
def test_the_embedded_database_writes_ahead() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("this run is on PostgreSQL")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
