"""Hardships of real processes that last too long for `make test`: part of `make faults`.

A worker is frozen in the middle of a call, for three leases, while another goes on; the broker forgets everything;
two beats tick. Every action is sent once all the same.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from lab.testing import RunningLab, running_lab
from tests.faults.conftest import RIGHT
from tests.faults.matrix import CALLS
from tests.faults.processes import workers
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.engine.driving import person, removal, yes
from workflows.engine.states import ENDED, RunState
from workflows.models import Attempt, Run
from workflows.running import choices, journal
from workflows.running.lease import LEASE

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 200.0


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=100) as lab:
        yield lab


@pytest.mark.parametrize("call", ["pool.disable_ha", "pool.eject", "deleteHost"])
def test_frozen_worker(lab: RunningLab, broker: str, call: str, record_property: Any) -> None:
    lab.break_("drip", "*", call=call, times=1, delay=0.05)
    run = removal(pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0))
    with workers() as celery:
        _confirm(run, lambda: bool(lab.calls(call)))
        celery.freeze()
        frozen_at = time.monotonic()
        celery.second()
        _confirm(run, lambda: time.monotonic() - frozen_at > 3 * LEASE.total_seconds())
        celery.thaw()
        _confirm(run, lambda: False)
    record_property("verdict", _verdict(run, lab))


def test_forgetful_broker_and_two_beats(lab: RunningLab, broker: str, record_property: Any) -> None:
    run = removal(pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0))
    forget = redis.from_url(broker)
    with workers() as celery:
        celery.second()
        celery.beat("second-beat")
        for call in CALLS:
            _confirm(run, lambda call=call: bool(lab.calls(call)))  # type: ignore[misc]
            forget.flushall()
        _confirm(run, lambda: False)
    record_property("verdict", _verdict(run, lab))


def _confirm(run: Run, until: Callable[[], bool]) -> None:
    """Say yes to whatever is asked, until it is so or the run has come to an end."""
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        run.refresh_from_db()
        if run.state in ENDED or run.state in (RunState.FAILED, RunState.DOUBT):
            return
        assert time.monotonic() < deadline, f"{run} stands at step {run.index}, {run.state}: {run.reason}"
        if run.state == RunState.CONFIRM:
            try:
                yes(run, person("bo"))
            except choices.NotNow:
                pass  # it moved at that moment: read again
        time.sleep(0.02)


def _verdict(run: Run, lab: RunningLab) -> str:
    run.refresh_from_db()
    assert run.state == RunState.DONE, (run.state, run.reason)
    sent = Counter(call["name"].removeprefix("Async.") for call in lab.calls(changing=True))
    assert sent == dict.fromkeys(CALLS, 1), sent
    assert Attempt.objects.filter(step__run=run).count() == len(CALLS)
    assert not run.debts.filter(paid_at=None).exists()
    assert journal.verify(run) == []
    return RIGHT
