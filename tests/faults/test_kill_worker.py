"""Real workers are killed with signal 9, the whole process or one child: a short part of `make faults`.

Real Celery processes, a real broker, a database that other processes use too, and the lab over real sockets. No
stopwatch: how soon a step moves again is `make bench ONLY=engine`.
"""

from __future__ import annotations

import pytest
from django.db import connection

from tests.faults.dying import ANSWER_UNSAVED, POLLING
from tests.faults.house import House, few_processes
from tests.faults.wave import Surge
from tests.faults.waves import Wave

__all__ = ["few_processes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def test_remove_master_goes_on_whichever_step_its_worker_dies_in(few_processes: House) -> None:
    """Six workers die, each with the answer of a call in its hands: every action is sent once, and HA is as it was."""
    if connection.vendor == "postgresql":
        pytest.skip("on PostgreSQL the next test is enough: make faults has the whole of it")
    wave = Wave("short", points=(ANSWER_UNSAVED,))
    seen = Surge(wave, few_processes, whole=True).over(["remove-master"])
    assert len({one.step for one in seen}) >= 5
    assert [one.said for one in seen if one.said != "right"] == []


def test_one_child_of_a_worker_dies_while_it_looks_and_the_run_goes_on(few_processes: House) -> None:
    seen = Surge(Wave("short", points=(POLLING,)), few_processes).over(["disable-ha"])
    assert "2. StopHa" in [one.step for one in seen]
    assert {one.said for one in seen} == {"right"}
