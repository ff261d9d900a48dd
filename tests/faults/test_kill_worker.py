"""Real workers are killed with signal 9, the whole process or one child: a short part of `make faults`.

Real Celery processes, a real broker, a database that other processes use too, and the lab over real sockets.
"""

from __future__ import annotations

import pytest

from tests.faults.dying import ANSWER_UNSAVED, POLLING
from tests.faults.house import House, processes
from tests.faults.wave import Surge
from tests.faults.waves import Wave

__all__ = ["processes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

SOON_S = 60.0
"""The lease and the start of a new worker, beside other tests; `make bench ONLY=engine` measures it alone."""


def test_remove_master_goes_on_whichever_step_its_worker_dies_in(processes: House) -> None:
    """Six workers die, each with the answer of a call in its hands: every action is sent once, and HA is as it was."""
    seen = Surge(Wave("short", points=(ANSWER_UNSAVED,)), processes, whole=True).over(["remove-master"])
    assert len({one.step for one in seen}) >= 5
    assert [one.said for one in seen if one.said != "right"] == []
    assert all(one.recovery_s is not None and one.recovery_s < SOON_S for one in seen)


def test_one_child_of_a_worker_dies_while_it_looks_and_the_run_goes_on(processes: House) -> None:
    seen = Surge(Wave("short", points=(POLLING,)), processes).over(["disable-ha"])
    assert "2. StopHa" in [one.step for one in seen]
    assert {one.said for one in seen} == {"right"}
    assert all(one.recovery_s is not None and one.recovery_s < SOON_S for one in seen)
