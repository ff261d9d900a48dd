"""Each step of each workflow meets each refusal of each of its calls, on the lab: `make catalogue`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lab.testing import RunningLab
from pools.clients.meanings import meaning
from tests.faults.cases import started
from tests.workflows.catalogue.cases import CASES, Case, begin, laid_out
from tests.workflows.catalogue.refusable import No, called, refusals_of
from tests.workflows.catalogue.test_rolling_reboot import STRAIGHT
from tests.workflows.engine.driving import drive, person, yes
from workflows.catalogue import WORKFLOWS, step_for
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, journal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
BY_ITSELF = ("SESSION_INVALID", "429")
"""Nothing was done, and nobody has to decide: the run tries again."""
SLOWER = {"break-fence-loop": 15.0}
"""Its host answers only for some minutes between two boots."""
RENAMED = {"401": "not-permitted", "432": "not-permitted"}
"""Codes that the client tells apart from other refusals."""
GUESTS_MOVE = ("migrateVirtualMachine", "migrateSystemVm")
"""One step sends many of these, and after a refusal only those that are left."""
ROLLING = replace(STRAIGHT, calls=(*STRAIGHT.calls, "pool.enable_ha"))
JOINS = ("pool.join", "pool.enable_ha", "addHost")
PLANNED = {
    "add-hosts": ("pool.disable_ha", *JOINS),
    "build-cluster": ("pool.remove_from_other_config?", "pool.add_to_other_config?", "addCluster", *JOINS),
    "settle-debts": ("pool.enable_ha",),
}
"""Ways that are planned otherwise than by a form's inputs, and their calls that change something."""


@pytest.mark.parametrize("way", [*CASES, "rolling-reboot", *PLANNED])
def test_refused_with_every_code_at_every_step_it_goes_on_when_the_cause_is_gone(way: str) -> None:
    refused_everywhere(way)


def refused_everywhere(way: str) -> None:
    """Every call of every step is refused with every code; after each the run waits for a person, who retries."""
    with _begun(way) as (lab, run, case):
        refused = Counter[str]()
        while drive(run).state == RunState.CONFIRM:
            refused += _refused_here(lab, run, refused)
            yes(run, person("bo"))

        told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
        assert run.state == RunState.DONE, (run.reason, told)
        assert {debt.kind for debt in run.debts.filter(paid_at=None)} == set(WORKFLOWS[run.workflow].leaves)
        sent = Counter(call["name"].removeprefix("Async.") for call in lab.calls(changing=True)) - refused
        for call in GUESTS_MOVE:
            del sent[call]
        assert sent in (Counter(case.needed), Counter(case.all_calls))
        assert journal.verify(run) == []


@contextmanager
def _begun(way: str) -> Iterator[tuple[RunningLab, Run, Case]]:
    """A run on the lab, started by bo, and which calls it will send."""
    if way in PLANNED:
        with started(way, 1000.0, 1) as (lab, run):
            yield lab, run, Case(run.pool.name, lambda facts: {}, PLANNED[way])
        return
    usual = ROLLING if way == "rolling-reboot" else CASES[way]
    case = replace(usual, speed=SLOWER.get(way, usual.speed))
    with laid_out(case) as (lab, pool):
        yield lab, begin(way.partition(",")[0], pool, case.inputs), case


def _refused_here(lab: RunningLab, run: Run, before: Counter[str]) -> Counter[str]:
    """Refuse the current step with everything there is, calls that no earlier step was refused first. How often each
    call was refused."""
    row = run.current()
    assert row
    step, refused = step_for(row.key, row.args), Counter[str]()
    for call in sorted(_shown(run), key=lambda call: before[call.removeprefix("Async.")] > 0):
        # Those at once come first: after a task that failed nobody knows what it did, and what it may owe stays owed.
        for no in sorted(refusals_of(call), key=lambda no: no.in_task):
            if call not in _shown(run):
                break  # a step with many calls: those that were not refused took effect, and are not sent again
            if no.code not in (*BY_ITSELF, *step.so_already, *step.goes_by):
                plain = call.removeprefix("Async.")
                _refuse(lab, run, plain, no)
                refused[plain] += 1
    return refused


def _shown(run: Run) -> list[str]:
    """The calls of the step that is asked about, each once."""
    row = run.current()
    assert row and row.shown
    return list(dict.fromkeys(called(call["request"]) for call in row.shown["calls"]))


def _refuse(lab: RunningLab, run: Run, call: str, no: No) -> None:
    where = "*" if "." in call else "cloudstack"
    lab.break_("fails" if no.in_task else "error", where, call=call, what=no.what, times=1)
    row = run.current()
    assert row
    yes(run, person("bo"))
    drive(run)
    row.refresh_from_db()
    assert run.state == RunState.FAILED, (call, no, run.state, row.says)
    assert (row.error_code, tuple(row.error_params)[-len(no.params) :]) == (
        RENAMED.get(no.code, no.code),
        no.params,
    )
    assert no.code in RENAMED or meaning(no.code, no.params) in row.says
    if not no.in_task:
        assert not run.debts.filter(step_index=row.index, paid_at=None).exists()
    choices.retry(run, person("bo"))
    assert drive(run).state == RunState.CONFIRM, (call, no, run.reason)
    assert run.index == row.index
