"""Every wave, on the database of this run: `make faults`. What the log has already is left out."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from tests.faults.cases import CASES, workflow_of
from tests.faults.house import House, processes
from tests.faults.record import WRONG, gone_through
from tests.faults.wave import Surge
from tests.faults.waves import WAVES, Wave

__all__ = ["processes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

CHOSEN = [case for case in CASES if (os.environ.get("ONLY") or workflow_of(case)) == workflow_of(case)]


@pytest.mark.parametrize("wave", WAVES.values(), ids=lambda wave: wave.name)
def test_wave(processes: House, wave: Wave) -> None:
    if wave.only not in ("", connection.vendor):
        pytest.skip(f"only {wave.only} has this")
    cases = [case for case in CHOSEN if case not in gone_through(connection.vendor, wave.name)]
    if not cases:
        pytest.skip("the log has it")
    seen = Surge(wave, processes).over(cases)
    assert {one.workflow for one in seen} == set(cases)
    assert [(one.workflow, one.step, one.said) for one in seen if one.verdict == WRONG] == []
