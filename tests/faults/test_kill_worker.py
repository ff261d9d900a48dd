"""The worker is killed in the middle of step after step: nothing is lost, and nothing is sent twice.

Real Celery processes, a real broker, a database that other processes use too, and the lab over real sockets.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from lab.testing import RunningLab, running_lab
from tests.faults.processes import Workers, workers
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.engine.driving import person, removal, yes
from workflows.engine.states import ENDED, RunState
from workflows.models import Attempt, Run
from workflows.running import journal
from workflows.running.captains import TheCaptains

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 150.0


@dataclass
class Kill:
    """In which step, and at which moment of it."""

    step: str
    when: Callable[[RunningLab, Attempt], bool]
    done: bool = False

    def is_now(self, lab: RunningLab, attempt: Attempt | None) -> bool:
        here = not self.done and attempt is not None and attempt.step.key == self.step
        return bool(here and attempt and self.when(lab, attempt))


def intent_written(_lab: RunningLab, attempt: Attempt) -> bool:
    return attempt.outcome == Attempt.Outcome.OPEN


def call_arrived(name: str) -> Callable[[RunningLab, Attempt], bool]:
    """The captain has it, and the worker waits for an answer that comes late."""
    return lambda lab, attempt: attempt.outcome == Attempt.Outcome.OPEN and bool(lab.calls(name))


def being_polled(_lab: RunningLab, attempt: Attempt) -> bool:
    return attempt.outcome == Attempt.Outcome.ANSWERED


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=100) as lab:
        for call in ("pool.designate_new_master", "pool.eject", "deleteHost"):
            lab.break_("drip", "*", call=call, times=1, delay=0.05)  # done at once, told late
        yield lab


def test_each_action_is_sent_once_whenever_the_worker_dies(lab: RunningLab, broker: str) -> None:
    kills = [
        Kill("EnterMaintenance", being_polled),
        Kill("DisableHa", intent_written),
        Kill("DesignateMaster", call_arrived("pool.designate_new_master")),
        Kill("EjectFromPool", call_arrived("pool.eject")),
        Kill("DeleteInCloudStack", call_arrived("deleteHost")),
        Kill("RestoreHa", being_polled),
    ]
    pool = pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0)
    run = removal(pool)
    with workers() as celery:
        ended = _confirm_and_kill(run, lab, celery, kills)

    assert [kill.step for kill in kills if not kill.done] == []
    assert celery.killed == len(kills)
    assert ended.state == RunState.DONE, ended.reason
    sent = Counter(call["name"].removeprefix("Async.") for call in lab.calls(changing=True))
    assert sent == {
        "prepareHostForMaintenance": 1,
        "pool.disable_ha": 1,
        "pool.designate_new_master": 1,
        "pool.eject": 1,
        "deleteHost": 1,
        "pool.enable_ha": 1,
    }
    assert not run.debts.filter(paid_at=None).exists()
    assert journal.verify(ended) == []
    _ends_right(ended)


def _confirm_and_kill(run: Run, lab: RunningLab, celery: Workers, kills: list[Kill]) -> Run:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        run.refresh_from_db()
        if run.state in ENDED or run.state in (RunState.FAILED, RunState.DOUBT):
            return run
        assert time.monotonic() < deadline, f"{run} stands at step {run.index}, {run.state}: {run.reason}"
        if run.state == RunState.CONFIRM:
            yes(run, person("bo"))
        attempt = Attempt.objects.filter(step__run=run).select_related("step").order_by("-pk").first()
        for kill in kills:
            if kill.is_now(lab, attempt):
                celery.kill()
                kill.done = True
        time.sleep(0.01)


def _ends_right(run: Run) -> None:
    facts = TheCaptains().look(run.pool, run.baseline_facts)
    assert facts.pool
    assert facts.cloudstack
    was = run.baseline_facts.pool
    assert was
    assert sorted(host.name for host in facts.pool.hosts) == ["amber-2", "amber-3", "amber-4"]
    assert sorted(host.name for host in facts.cloudstack.hosts) == ["amber-2", "amber-3", "amber-4"]
    now, old = facts.pool.ha, was.ha
    assert now.enabled
    assert (now.timeout_s, now.statefile_srs[:1]) == (180, old.statefile_srs[:1])
    assert now.failures_to_tolerate == old.failures_to_tolerate
