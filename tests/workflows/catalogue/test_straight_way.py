"""Every workflow to its end on the lab, over real sockets: its calls in the documented order, nothing left owing, and
nothing left of what it is the remedy for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pools import watching
from tests.workflows.catalogue.cases import CASES, Release, begin, laid_out
from tests.workflows.catalogue.mending import documented, gone, mends
from tests.workflows.engine.driving import drive_to_the_end, person
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, journal
from workflows.running.settling import settle, strike_proven

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


HERE = Path(__file__).parent
ELSEWHERE = {
    "rolling-reboot": "test_rolling_reboot.py",
    "add-hosts": "test_adding_hosts.py",
    "build-cluster": "test_adding_hosts.py",
    "settle-debts": "test_straight_way.py",
}
"""Workflows with inputs of their own kind: the file that runs them to their end."""
FOR_NO_FINDING = ("change-master", "remove-master", "remove-host", "disable-ha")
"""Ways that people choose: no rule asks for them."""


def test_every_workflow_is_run_to_its_end() -> None:
    assert {way.partition(",")[0] for way in (*CASES, *ELSEWHERE)} == set(WORKFLOWS)
    assert [name for name in ELSEWHERE.values() if not (HERE / name).exists()] == []


@pytest.mark.parametrize("way", CASES)
def test_it_runs_to_its_end(way: str) -> None:
    case, slug = CASES[way], way.partition(",")[0]
    with laid_out(case) as (lab, pool):
        trouble = mends(way, pool)
        assert bool(trouble) == (way not in FOR_NO_FINDING), trouble
        run = drive_to_the_end(begin(slug, pool, case.inputs), person("bo"))

        ended_well(run)
        sent = tuple(call["name"].removeprefix("Async.") for call in lab.calls(changing=True))
        assert sent in (case.needed, case.all_calls)
        assert sent == documented(run)
        assert gone(way, pool)


def test_what_a_run_left_owing_is_put_back() -> None:
    settled_on_the_lab(None)


def settled_on_the_lab(release: Release | None) -> None:
    """HA is off for now; the run that pays for it finds its settings, and the finding goes."""
    case = CASES["disable-ha"]
    with laid_out(case, release) as (lab, pool):
        owing = drive_to_the_end(begin("disable-ha", pool, case.inputs), person("bo"))
        assert watching.watch(pool.pk)
        assert mends("settle-debts", pool)
        pool.refresh_from_db()
        paying = settle(owing, person("bo"))
        choices.start(paying, person("bo"))
        ended_well(drive_to_the_end(paying, person("bo")))
        assert tuple(call["name"] for call in lab.calls(changing=True))[1:] == ("Async.pool.enable_ha",)
        assert watching.watch(pool.pk)
        strike_proven()
        assert not owing.debts.filter(paid_at=None).exists()
        assert gone("settle-debts", pool)


def ended_well(run: Run) -> None:
    """Done, with nothing owed but on purpose, and a journal that holds."""
    told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
    assert run.state == RunState.DONE, (run.reason, told)
    owed = {debt.kind for debt in run.debts.filter(paid_at=None)}
    assert owed == set(WORKFLOWS[run.workflow].leaves)
    assert journal.verify(run) == []
