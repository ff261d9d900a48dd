"""HA that is to stay off: the policy is changed with it, as a step of the plan, in the name of whoever confirmed it."""

from __future__ import annotations

import pytest

from pools.models import Change
from pools.models.pool import Recovery
from tests.workflows.catalogue.projecting import begun, to_the_end, told, walked
from workflows.engine.states import RunState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker", "at_once")]


def test_the_policy_follows_and_nothing_is_owed() -> None:
    run, world = begun("disable-ha, for good")
    last = run.plan["steps"][-1]
    assert last["calls"][0]["request"] == "policy: wants_ha=no recovery=operators"
    to_the_end(run, world)

    assert run.state == RunState.DONE, (run.reason, told(run))
    run.pool.refresh_from_db()
    assert (run.pool.wants_ha, run.pool.recovery) == (False, Recovery.OPERATORS)
    assert not run.debts.filter(paid_at=None).exists()
    assert world.sent == ["pool.disable_ha"]
    lines = Change.objects.filter(pool=run.pool, kind="policy")
    assert {(line.subject_uuid, line.by) for line in lines} == {("wants_ha", "bo"), ("recovery", "bo")}
    assert any("wants_ha=no" in says for says in run.journal.values_list("says", flat=True))


def test_the_policy_is_not_touched_before_its_own_step_is_confirmed() -> None:
    run, world = begun("disable-ha, for good")
    walked(run, world, 1)
    run.pool.refresh_from_db()
    assert run.pool.wants_ha and world.sent == ["pool.disable_ha"]


def test_for_now_the_policy_goes_on_wanting_ha() -> None:
    run, world = begun("disable-ha")
    to_the_end(run, world)
    run.pool.refresh_from_db()
    assert run.pool.wants_ha
