"""In an outage one person goes on alone: with a reason, loudly, and reviewed by somebody else afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from pools.models import Finding, Pool
from pools.obligations import obligations_of
from tests.workflows.engine.driving import drive, drive_to_the_end, person
from tests.workflows.engine.toyworld import ToyWorld
from workflows.engine.states import RunState
from workflows.models import Glass, Run
from workflows.running import choices, journal
from workflows.running.executor import tick

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(plan: Callable[[], Run], pool: Pool) -> Run:
    """bo's plan waits for two approvals, and high risk wants two people."""
    Pool.objects.filter(pk=pool.pk).update(approvals_needed=2, second_person_from="medium")
    pool.refresh_from_db()
    run = plan()
    choices.request_approval(run, person("bo"))
    return run


def test_it_starts_and_one_person_carries_it_through(asked: Run, world: ToyWorld) -> None:
    choices.go_on_alone(asked, person("bo"), "The SAN is down, nobody answers.")
    assert drive_to_the_end(asked, person("bo"), world).state == RunState.DONE
    line = asked.journal.get(kind="alone")
    assert "The SAN is down" in line.says and "2 approvals" in line.says
    assert journal.verify(asked) == []


def test_what_baton_saw_of_the_outage_is_kept(asked: Run, pool: Pool) -> None:
    now = timezone.now()
    Finding.objects.create(
        pool=pool, code="host-dead", severity="critical", subject_kind="host", subject_name="amber-3",
        subject_uuid="h-amber-3", says="amber-3 is dead.", means="", since=now, seen_at=now,
    )  # fmt: skip
    assert choices.go_on_alone(asked, person("bo"), "Dead host.").saw == "amber-3 is dead."


def test_it_stays_an_obligation_until_somebody_else_reviewed_it(asked: Run, pool: Pool) -> None:
    glass = choices.go_on_alone(asked, person("bo"), "The SAN is down.")
    assert [owed.run for owed in obligations_of(pool.pk).unreviewed] == [asked.pk]
    with pytest.raises(choices.NotNow, match="somebody else"):
        choices.review(glass, person("bo"), "Looks fine to me.")
    with pytest.raises(choices.NotNow, match="Say why"):
        choices.review(glass, person("ada"), " ")
    choices.review(glass, person("ada"), "Right call; the pager was off.")
    assert obligations_of(pool.pk).unreviewed == ()
    with pytest.raises(choices.NotNow, match="already"):
        choices.review(glass, person("cy"), "Me too.")


def test_a_plan_that_moved_is_read_again_before_it_is_gone_on_with(asked: Run, world: ToyWorld) -> None:
    choices.go_on_alone(asked, person("bo"), "The SAN is down.")
    world.facts = world.facts.with_ha(enabled=False)
    tick(asked.pk, "test", world)
    asked.refresh_from_db()
    assert asked.state == RunState.APPROVAL and not world.sent
    choices.go_on_alone(asked, person("bo"), "Still down; HA went off meanwhile.")
    assert drive(asked, world).state == RunState.CONFIRM
    assert Glass.objects.count() == 2


def test_where_the_policy_forbids_it_nobody_does(asked: Run, pool: Pool) -> None:
    Pool.objects.filter(pk=pool.pk).update(break_glass=False)
    asked = Run.objects.get(pk=asked.pk)
    with pytest.raises(choices.NotNow, match="lets nobody go on alone"):
        choices.go_on_alone(asked, person("bo"), "The SAN is down.")


def test_without_a_reason_nobody_does(asked: Run) -> None:
    with pytest.raises(choices.NotNow, match="Say why"):
        choices.go_on_alone(asked, person("bo"), "  ")


def test_nobody_breaks_the_glass_where_nothing_is_in_the_way(run: Run, world: ToyWorld) -> None:
    drive(run, world)
    with pytest.raises(choices.NotNow, match="Nothing stands in your way"):
        choices.go_on_alone(run, person("bo"), "Bored.")
