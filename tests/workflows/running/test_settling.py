"""Debts outlive their run: they are put back by a run of their own, or struck off with proof."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from pools.encoding import facts_to
from pools.facts import Facts
from tests.workflows import amber
from tests.workflows.running.test_obliged import a_run
from workflows.models import Debt, Run
from workflows.running import choices
from workflows.running.settling import strike_proven
from workflows.steps.ha import RememberHa

pytestmark = pytest.mark.django_db

HA_OFF = amber.facts().with_ha(enabled=False)


def ended_owing_ha(now_seen: Facts, seen_after_s: int = 60) -> Debt:
    """An aborted run that left HA off, and what was seen of the pool since."""
    ended = timezone.now() - timedelta(hours=1)
    run = a_run("aborted", ("DisableHa", "high", "done"), ended_at=ended)
    Run.objects.filter(pk=run.pk).update(holds_pool=False)
    seen = ended + timedelta(seconds=seen_after_s)
    pool = run.pool
    pool.facts, pool.good_at, pool.looked_at = facts_to(now_seen), seen, seen
    pool.save()
    kept = {"memory": dict(RememberHa().remember(amber.situation()))}
    return Debt.objects.create(run=run, kind="ha", says="HA is off on amber.", settings=kept, step_index=0)


def still_owed(debt: Debt) -> bool:
    debt.refresh_from_db()
    return debt.open


def test_ha_that_somebody_turned_on_as_it_was_is_struck_off_with_the_reason() -> None:
    debt = ended_owing_ha(amber.facts())
    strike_proven()
    assert not still_owed(debt)
    assert "Both captains show" in debt.paid_how
    assert debt.run.journal.filter(kind="paid").count() == 1


def test_ha_that_came_back_with_another_timeout_is_still_owed() -> None:
    debt = ended_owing_ha(amber.facts().with_ha(timeout_s=60))
    strike_proven()
    assert still_owed(debt)


def test_what_was_seen_before_the_run_ended_proves_nothing() -> None:
    debt = ended_owing_ha(amber.facts(), seen_after_s=-60)
    strike_proven()
    assert still_owed(debt)


def test_settling_plans_to_turn_ha_on_with_what_the_old_run_remembered() -> None:
    debt = ended_owing_ha(HA_OFF)
    run = choices.settle(debt.run, debt.run.owner)
    keys = [step.key for step in run.steps.all()]
    assert keys == ["LookAtBothCaptains", "RestoreHa", "RestoreTolerance"]
    by_hand = [call["by_hand"] for step in run.plan["steps"] for call in step["calls"]]
    assert "xe pool-ha-enable heartbeat-sr-uuids=sr-hb ha-config:timeout=180" in by_hand
    assert run.title == f"Put back what run {debt.run.pk} left owing on amber"


def test_nothing_owed_is_nothing_to_settle() -> None:
    debt = ended_owing_ha(amber.facts())
    strike_proven()
    with pytest.raises(choices.NotNow, match="Nothing of this run is owed"):
        choices.settle(debt.run, debt.run.owner)


def test_a_run_that_has_not_ended_puts_back_itself() -> None:
    run = a_run("failed", ("DisableHa", "high", "done"))
    with pytest.raises(choices.NotNow, match="has not ended"):
        choices.settle(run, run.owner)
