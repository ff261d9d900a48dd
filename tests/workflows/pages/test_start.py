"""Start a run: the catalogue, the form with ranked candidates, and the plan that comes of it."""

from collections.abc import Callable

import pytest
from django.test import Client

from pools.encoding import facts_to
from pools.facts import Facts
from pools.models import Pool
from workflows.models import Run

SignIn = Callable[[str], Client]
NEW = "/runs/new/"
ASK = {"workflow": "remove-master", "pool": "amber"}


def test_the_catalogue_says_why_how_risky_and_how_long(sign_in: SignIn) -> None:
    page = sign_in("bo").get(NEW).content.decode()
    assert "Remove master" in page
    assert "Re-enable host" in page
    assert "15 to 60 min" in page


def test_a_viewer_may_not_start_anything(sign_in: SignIn, pool: Pool) -> None:
    assert sign_in("cy").get(NEW).status_code == 403
    assert sign_in("cy").post(NEW, ASK).status_code == 403
    assert not Run.objects.exists()


def test_the_form_ranks_candidates_and_says_why(sign_in: SignIn, pool: Pool) -> None:
    page = sign_in("bo").get(NEW, ASK).content.decode()
    assert "New master, best first" in page
    assert "for it: " in page
    assert 'value="h-amber-2"' in page


def test_a_findings_link_chooses_the_host_by_name(sign_in: SignIn, pool: Pool) -> None:
    page = sign_in("bo").get(NEW, {**ASK, "workflow": "reenable-host", "host": "amber-3"}).content.decode()
    assert 'value="h-amber-3" checked' in page


def test_what_blocks_is_a_sentence_with_a_cure_and_a_button_that_says_why(
    sign_in: SignIn, pool: Pool
) -> None:
    page = sign_in("bo").get(NEW, {**ASK, "workflow": "reenable-host", "host": "amber-3"}).content.decode()
    assert "Does not hold: “amber-3 is disabled, or not Up in CloudStack”. Nothing to do." in page
    assert 'aria-disabled="true" aria-describedby="closed"' in page


@pytest.mark.parametrize(
    "asked", [{}, {"pool": "amber"}, {**ASK, "workflow": "no-such"}, {**ASK, "pool": "x"}]
)
def test_a_plan_of_nothing_that_is_there_is_refused(
    sign_in: SignIn, pool: Pool, asked: dict[str, str]
) -> None:
    answer = sign_in("bo").post(NEW, asked)
    assert answer.status_code == 409
    assert "No plan was made." in answer.content.decode()
    assert not Run.objects.exists()


def test_a_plan_that_is_ruled_out_is_not_made(sign_in: SignIn, pool: Pool) -> None:
    answer = sign_in("bo").post(NEW, {**ASK, "workflow": "reenable-host", "host": "h-amber-3"})
    assert answer.status_code == 409
    assert "No plan was made." in answer.content.decode()
    assert not Run.objects.exists()


def test_a_host_that_is_no_candidate_is_refused(sign_in: SignIn, pool: Pool) -> None:
    answer = sign_in("bo").post(NEW, {**ASK, "host": "h-amber-1", "successor": "h-of-another-pool"})
    assert answer.status_code == 409
    assert "h-of-another-pool is not one of the candidates" in answer.content.decode()


def test_see_the_plan_makes_a_run_that_is_only_planned(sign_in: SignIn, pool: Pool) -> None:
    given = {**ASK, "host": "h-amber-1", "successor": "h-amber-3", "reason": "INC-4471"}
    answer = sign_in("bo").post(NEW, given)
    run = Run.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/runs/{run.pk}/"
    assert (run.state, run.inputs["successor"], run.note) == ("planned", "h-amber-3", "INC-4471")


def test_a_pool_that_was_never_looked_at_says_so(sign_in: SignIn, pool: Pool) -> None:
    Pool.objects.update(facts=None)
    assert "has not been looked at yet" in sign_in("bo").get(NEW, ASK).content.decode()


def test_a_silent_pool_cannot_be_planned_on(sign_in: SignIn, pool: Pool, facts: Facts) -> None:
    Pool.objects.update(facts=facts_to(Facts(at=facts.at)))
    page = sign_in("bo").get(NEW, ASK).content.decode()
    assert "cannot be read now, so nothing can be planned" in page


def test_a_text_has_its_usual_value_so_that_the_form_can_be_sent(sign_in: SignIn, pool: Pool) -> None:
    page = sign_in("bo").get(NEW, {"workflow": "change-ha-timeout", "pool": "amber"}).content.decode()
    assert 'name="timeout" value="180"' in page


def test_a_text_that_was_emptied_stays_empty_and_says_what_is_missing(sign_in: SignIn, pool: Pool) -> None:
    asked = {"workflow": "change-ha-timeout", "pool": "amber", "timeout": ""}
    page = sign_in("bo").get(NEW, asked).content.decode()
    assert 'name="timeout" value=""' in page
    assert "New timeout, seconds: nothing is filled in." in page
