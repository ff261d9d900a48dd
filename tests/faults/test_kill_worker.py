"""Real workers are killed with signal 9, the whole process or one child: a short part of `make faults`.

Real Celery processes, a real broker, a database that other processes use too, and the lab over real sockets.
"""

from __future__ import annotations

import pytest

from tests.faults.dying import ANSWER_UNSAVED, POLLING
from tests.faults.house import House
from tests.faults.killing import killed, processes

__all__ = ["processes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

SOON_S = 15.0
"""A killed worker's step moves again within this time, the lease included."""


@pytest.mark.parametrize(("point", "whole"), [(ANSWER_UNSAVED, True), (POLLING, False)])
def test_the_run_goes_on_soon_and_nothing_is_sent_twice(processes: House, point: str, whole: bool) -> None:
    seen = killed(processes, "disable-ha", (point,), whole=whole)
    assert "2. StopHa" in [one.step for one in seen]
    assert {one.said for one in seen} == {"right"}
    assert all(one.recovery_s is not None and one.recovery_s < SOON_S for one in seen)
