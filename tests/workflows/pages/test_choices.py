"""The choices beside a run, as people meet them on its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from pools.models import Exposure, Pool
from tests.workflows.pages import standing
from workflows.models import Attempt, Glass, Run
from workflows.running import choices
from workflows.running.estimating import times_of
from workflows.steps.cloudstack import NoGuestLeft

SignIn = Callable[[str], Client]


@pytest.fixture
def turn(asked: Run) -> Run:
    """It waits before the maintenance."""
    return standing.stand(asked, "EnterMaintenance", "confirm", "confirm", standing.now())


@pytest.fixture
def refused(asked: Run) -> Run:
    """XenServer did not take amber-2 as master."""
    facts = standing.ready_to_eject(standing.now()).with_master("h-amber-1")
    row = {"error_code": "HOST_IS_SLAVE", "error_params": ["h-amber-2"], "says": "HOST_IS_SLAVE h-amber-2"}
    return standing.stand(asked, "DesignateMaster", "failed", "failed", facts, **row)


@pytest.fixture
def late(asked: Run) -> Run:
    """The maintenance was not over by its deadline."""
    run = standing.stand(
        asked, "EnterMaintenance", "failed", "failed", standing.now(), error_code="OVERDUE", says="Too late."
    )
    row = run.steps.get(index=run.index)
    Attempt.objects.create(
        step=row,
        number=1,
        fence=1,
        worker="w",
        intent_at=timezone.now(),
        answered_at=timezone.now(),
        outcome="overdue",
    )
    return run


def read(client: Client, run: Run) -> str:
    answer = client.get(f"/runs/{run.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def test_more_time_is_offered_where_a_deadline_passed_and_only_there(sign_in: SignIn, late: Run) -> None:
    bo = sign_in("bo")
    assert f'action="/runs/{late.pk}/wait"' in read(bo, late)
    assert bo.post(f"/runs/{late.pk}/wait", {"minutes": "30"}).status_code == 302
    assert fresh(late).state == "running"


@pytest.mark.parametrize("minutes", ["", "-1", "1e9", "٣", "99999999999999999999", "<b>"])
def test_a_time_that_is_none_is_refused(sign_in: SignIn, late: Run, minutes: str) -> None:
    answer = sign_in("bo").post(f"/runs/{late.pk}/wait", {"minutes": minutes})
    assert answer.status_code == 409
    assert fresh(late).state == "failed"


def test_other_inputs_are_chosen_from_ranked_candidates(sign_in: SignIn, refused: Run) -> None:
    Pool.objects.update(approvals_needed=0)
    bo = sign_in("bo")
    page = read(bo, refused)
    assert 'name="in-successor"' in page and "amber-3" in page
    sent = {"in-host": "h-amber-1", "in-successor": "h-amber-3"}
    assert bo.post(f"/runs/{refused.pk}/correct", sent).status_code == 302
    assert fresh(refused).inputs["successor"] == "h-amber-3"


def test_a_correction_waits_in_the_inbox_and_on_the_page(sign_in: SignIn, refused: Run) -> None:
    sign_in("bo").post(f"/runs/{refused.pk}/correct", {"in-successor": "h-amber-3"})
    waiting = fresh(refused)
    assert waiting.correction
    ada = sign_in("ada")
    assert "New master: amber-2 before, amber-3 now." in ada.get("/approvals/").content.decode()
    assert f'action="/runs/{refused.pk}/vote-on-correction"' in read(ada, waiting)
    assert f'action="/runs/{refused.pk}/vote-on-correction"' not in read(sign_in("bo"), waiting)
    sent = {"vote": "yes", "fingerprint": waiting.correction["fingerprint"]}
    assert ada.post(f"/runs/{refused.pk}/vote-on-correction", sent).status_code == 302
    assert fresh(refused).inputs["successor"] == "h-amber-3"


def test_a_rest_closes_the_button_and_says_who_asked(sign_in: SignIn, turn: Run) -> None:
    bo = sign_in("bo")
    assert "Rest before the next step" in read(bo, turn)
    assert bo.post(f"/runs/{turn.pk}/pause", {"where": "step"}).status_code == 302
    page = read(bo, turn)
    assert "It rests" in page and "as bo asked" in page
    assert f'action="/runs/{turn.pk}/confirm"' not in page
    assert bo.post(f"/runs/{turn.pk}/go-on").status_code == 302
    assert fresh(turn).state == "running"


def test_a_pause_point_is_offered_only_where_one_is_ahead(
    sign_in: SignIn, turn: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Rest after this host" not in read(sign_in("bo"), turn)
    monkeypatch.setattr(NoGuestLeft, "pause_point", True)
    assert "Rest after this host" in read(sign_in("bo"), turn)


def test_going_on_alone_is_loud_until_somebody_else_reviewed_it(sign_in: SignIn, asked: Run) -> None:
    bo, ada = sign_in("bo"), sign_in("ada")
    assert "past what the policy asks for" in read(bo, asked)
    assert bo.post(f"/runs/{asked.pk}/go-on-alone", {"reason": ""}).status_code == 409
    assert bo.post(f"/runs/{asked.pk}/go-on-alone", {"reason": "The SAN is down"}).status_code == 302
    assert fresh(asked).state == "starting"
    assert "bo went on alone" in read(sign_in("cy"), asked)
    assert "Reviews that are owed" in ada.get("/approvals/").content.decode()
    glass = Glass.objects.get()
    sent = {"glass": str(glass.pk), "words": "Right call."}
    assert bo.post(f"/runs/{asked.pk}/review", sent).status_code == 403
    assert ada.post(f"/runs/{asked.pk}/review", sent).status_code == 302
    assert "ada reviewed it" in read(bo, asked)


def test_a_viewer_is_not_offered_to_go_on_alone(sign_in: SignIn, asked: Run) -> None:
    assert "past what the policy asks for" not in read(sign_in("cy"), asked)
    assert sign_in("cy").post(f"/runs/{asked.pk}/go-on-alone", {"reason": "x"}).status_code == 403


def test_two_people_see_whose_yes_is_missing(sign_in: SignIn, turn: Run) -> None:
    Pool.objects.update(second_person_from="low")
    row = turn.steps.get(index=turn.index)
    sent = {"index": str(row.index), "digest": row.digest}
    sign_in("bo").post(f"/runs/{turn.pk}/confirm", sent)
    assert "You said the first yes" in read(sign_in("bo"), turn)
    assert "bo said the first yes" in read(sign_in("ada"), turn)
    sign_in("ada").post(f"/runs/{turn.pk}/confirm", sent)
    assert fresh(turn).state == "running"


def test_a_rehearsal_shows_its_result_and_sends_nothing(sign_in: SignIn, plan: Run, turn: Run) -> None:
    bo = sign_in("bo")
    assert bo.post(f"/runs/{turn.pk}/rehearse").status_code == 302
    page = read(bo, turn)
    assert "Rehearsed by bo" in page
    told = fresh(turn).rehearsal
    assert told and told["steps"] == 10 and not told["differences"]
    assert not Attempt.objects.exists()


def test_a_rehearsal_of_a_plan_says_what_moved(sign_in: SignIn, asked: Run, pool: Pool) -> None:
    from pools.encoding import facts_to

    moved = standing.now().with_ha(enabled=False)
    Pool.objects.update(facts=facts_to(moved), looked_at=moved.at)
    sign_in("bo").post(f"/runs/{asked.pk}/rehearse")
    assert "HA" in " ".join(fresh(asked).rehearsal["differences"])  # type: ignore[index]


def test_old_facts_are_not_rehearsed_on(sign_in: SignIn, asked: Run) -> None:
    from pools.encoding import facts_to

    old = standing.now()
    then = old.at - timedelta(hours=1)
    Pool.objects.update(facts=facts_to(old) | {"at": then.isoformat()}, looked_at=then)
    answer = sign_in("bo").post(f"/runs/{asked.pk}/rehearse")
    assert answer.status_code == 409
    assert "was not looked at" in answer.content.decode()


def test_the_plan_says_how_long_it_took_before_and_the_time_without_ha(sign_in: SignIn, asked: Run) -> None:
    page = read(sign_in("cy"), asked)
    assert "no earlier run tells more" in page
    assert "Without HA" in page
    start = timezone.now() - timedelta(hours=1)
    for step in asked.steps.all():
        step.state, step.started_at, step.ended_at = "done", start, start + timedelta(minutes=2)
        step.save()
    assert times_of(["DisableHa"]) == {"DisableHa": [120.0]}
    Run.objects.filter(pk=asked.pk).update(state="planned")
    assert "about 24 min, as in 1 earlier run" in read(sign_in("cy"), asked)


def test_what_the_run_cost_stands_beside_it(sign_in: SignIn, turn: Run) -> None:
    began = timezone.now() - timedelta(minutes=3)
    Exposure.objects.create(pool=turn.pool, kind="ha", since=began, run=turn.pk)
    assert "Without ha" not in read(sign_in("cy"), turn)
    assert "Without HA" in read(sign_in("cy"), turn)


def test_a_demoted_approver_is_named_and_not_counted(
    sign_in: SignIn, asked: Run, people: dict[str, User]
) -> None:
    Run.objects.filter(pk=asked.pk).update(approvals_needed=2)
    choices.vote(fresh(asked), people["ada"], True, "Fine.", asked.fingerprint)
    assert "1 of 2 approvals" in read(sign_in("cy"), asked)
    people["ada"].user_permissions.clear()
    page = read(sign_in("cy"), asked)
    assert "0 of 2 approvals" in page and "may not approve any more" in page
