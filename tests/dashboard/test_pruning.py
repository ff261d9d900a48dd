"""What was seen is removed when it is old; what was done stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from dashboard.pruning import prune
from pools.encoding import facts_to
from pools.models import Change, Exposure, Finding, Pool
from pools.secret import Secret
from tests.workflows import amber
from workflows.catalogue import WORKFLOWS
from workflows.models import Debt, Entry, Run
from workflows.running import choices

NOW = timezone.now()
OLD, FRESH = NOW - timedelta(days=401), NOW - timedelta(days=399)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool() -> Pool:
    return Pool.objects.create(name="amber", uuid="p-amber", addresses=["127.0.0.1"], password=Secret("-"))


@pytest.fixture
def run(pool: Pool) -> Run:
    """A run that ended long ago."""
    inputs = {"host": "h-amber-1", "successor": "h-amber-2"}
    by = User.objects.create_user("bo")
    made = choices.plan_run(WORKFLOWS["remove-master"], pool, inputs, by, amber.facts())
    Run.objects.filter(pk=made.pk).update(state="done", ended_at=OLD)
    return made


def change(pool: Pool, **more: Any) -> Change:
    return Change.objects.create(
        **{"pool": pool, "at": OLD, "source": "baton", "kind": "ha", "subject": "amber", "says": "", **more}
    )


def test_old_lines_of_the_timeline_go_and_newer_ones_stay(pool: Pool) -> None:
    change(pool)
    kept = change(pool, at=FRESH)
    assert prune(NOW)["changes"] == 1
    assert list(Change.objects.all()) == [kept]


def test_who_changed_the_policy_is_never_forgotten(pool: Pool) -> None:
    change(pool, kind="policy", by="ada")
    assert prune(NOW)["changes"] == 0


def test_only_mended_findings_and_ended_exposures_go(pool: Pool) -> None:
    about = {"severity": "warning", "subject_kind": "pool", "subject_name": "amber", "says": "", "means": ""}
    for uuid, closed in (("a", OLD), ("b", None)):
        Finding.objects.create(
            pool=pool, code="ha-off", subject_uuid=uuid, since=OLD, seen_at=OLD, closed_at=closed, **about
        )
    Exposure.objects.create(pool=pool, kind="ha", since=OLD, until=OLD)
    Exposure.objects.create(pool=pool, kind="unmanaged", since=OLD)
    prune(NOW)
    assert [f.subject_uuid for f in Finding.objects.all()] == ["b"]
    assert [e.kind for e in Exposure.objects.all()] == ["unmanaged"]


def test_more_than_a_batch_goes_too(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.pruning.A_BATCH", 3)
    for _ in range(7):
        change(pool)
    assert prune(NOW)["changes"] == 7


def test_an_old_run_keeps_its_journal_and_plan_but_not_its_facts(run: Run) -> None:
    assert prune(NOW)["facts of runs"] == 1
    run.refresh_from_db()
    assert run.baseline_facts.pool is None and run.baseline_facts.at == amber.facts().at
    assert run.plan["steps"] and Entry.objects.filter(run=run).exists()
    assert prune(NOW)["facts of runs"] == 0


def test_a_run_that_still_owes_keeps_what_is_needed_to_pay(run: Run) -> None:
    Debt.objects.create(run=run, kind="ha", says="HA is off.", step_index=4)
    assert prune(NOW)["facts of runs"] == 0


def test_a_run_that_paid_does_not(run: Run) -> None:
    Debt.objects.create(run=run, kind="ha", says="HA was off.", step_index=4, paid_at=OLD)
    assert prune(NOW)["facts of runs"] == 1
    assert run.baseline != facts_to(Run.objects.get(pk=run.pk).baseline_facts)
