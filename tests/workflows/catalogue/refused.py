"""Each step of each workflow meets each refusal of each of its calls, on the lab: `make catalogue`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lab.testing import RunningLab
from pools.clients.meanings import meaning
from tests.workflows.catalogue.cases import CASES, begin, laid_out
from tests.workflows.catalogue.refusable import No, called, refusals_of
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


@pytest.mark.parametrize("way", CASES)
def test_refused_with_every_code_at_every_step_it_goes_on_when_the_cause_is_gone(way: str) -> None:
    refused_everywhere(way)


def refused_everywhere(way: str) -> None:
    """Every call of every step is refused with every code; after each the run waits for a person, who retries."""
    usual, slug = CASES[way], way.partition(",")[0]
    case = replace(usual, speed=SLOWER.get(way, usual.speed))
    with laid_out(case) as (lab, pool):
        run, refused = begin(slug, pool, case.inputs), Counter[str]()
        while drive(run).state == RunState.CONFIRM:
            refused += _refused_here(lab, run)
            yes(run, person("bo"))

        told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
        assert run.state == RunState.DONE, (run.reason, told)
        assert {debt.kind for debt in run.debts.filter(paid_at=None)} == set(WORKFLOWS[slug].leaves)
        sent = Counter(call["name"].removeprefix("Async.") for call in lab.calls(changing=True))
        assert sent - refused in (Counter(case.needed), Counter(case.all_calls))
        assert journal.verify(run) == []


def _refused_here(lab: RunningLab, run: Run) -> Counter[str]:
    """Refuse the current step with everything there is. How often each call was refused."""
    row = run.current()
    assert row and row.shown
    calls = dict.fromkeys(called(call["request"]) for call in row.shown["calls"])
    step, refused = step_for(row.key, row.args), Counter[str]()
    for call in calls:
        # Those at once come first: after a task that failed nobody knows what it did, and what it may owe stays owed.
        for no in sorted(refusals_of(call), key=lambda no: no.in_task):
            if no.code not in (*BY_ITSELF, *step.so_already, *step.goes_by):
                plain = call.removeprefix("Async.")
                _refuse(lab, run, plain, no)
                refused[plain] += 1
    return refused


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
