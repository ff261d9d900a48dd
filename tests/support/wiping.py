"""Emptying the database after a test that commits, without making anew what every migration leaves there.

Django's own way deletes all and then has the content types, permissions and roles made again: a twentieth of a CPU
second after each of some three hundred tests, and more on PostgreSQL.
"""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

Rows = list[tuple[Any, ...]]
_standing: dict[str, Rows] = {}
"""What the migrations left in each table that they left not empty."""


def remember() -> None:
    """Call it when nothing but the migrations has written yet."""
    _standing.clear()
    _standing.update({table: rows for table in _tables() if (rows := _rows(table))})


def wipe(_case: object) -> None:
    """In the place of TransactionTestCase's own: the same for the next test, and all made anew where a test has
    touched what the migrations left."""
    touched = any(_rows(table) != rows for table, rows in _standing.items())
    if touched or not _deleted():
        call_command("flush", verbosity=0, interactive=False)
        remember()


def _deleted() -> bool:
    """False if a thread that a test left behind has written meanwhile, to a table that was empty a moment ago."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in _filled([table for table in _tables() if table not in _standing]):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables
    except IntegrityError:
        return False
    return True


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def _rows(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")  # noqa: S608 - our own tables
        return list(cursor.fetchall())


def _filled(tables: list[str]) -> list[str]:
    each = "SELECT '{0}' WHERE EXISTS (SELECT 1 FROM {1})"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(t, connection.ops.quote_name(t)) for t in tables))
        return [row[0] for row in cursor.fetchall()]
