"""PostgreSQL restarts at once, under workers and people: part of `make faults`. Nothing else runs beside it."""

from __future__ import annotations

import pytest
from django.db import connection

from lab.testing import RunningLab
from tests.faults import hardship
from tests.faults.hardship import met
from tests.faults.house import House
from tests.faults.killing import processes
from tests.faults.matrix import CHOSEN
from tests.faults.record import WRONG, keep
from tests.support import postgresql
from workflows.models import Run

__all__ = ["processes"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("broker"),
    pytest.mark.skipif(not postgresql.ours(), reason="needs a PostgreSQL of its own to restart"),
]


def database_restarts(_running: House, _lab: RunningLab, _run: Run) -> None:
    connection.close()
    postgresql.restart()


@pytest.mark.parametrize("workflow", CHOSEN)
def test_the_database_restarts(processes: House, workflow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hardship.HARDSHIPS, "database_restarts", database_restarts)
    seen = met(processes, workflow, "database_restarts")
    keep([seen])
    assert seen.verdict != WRONG, seen.said
