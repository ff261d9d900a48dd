"""The plan: what would happen, what it rests on, and the approval box beside it."""

from collections.abc import Callable

import pytest
from django.test import Client

from workflows.models import Approval, Run

SignIn = Callable[[str], Client]


def read(client: Client, run: Run) -> str:
    answer = client.get(f"/runs/{run.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_plan_shows_every_step_its_changes_and_the_double_bar(sign_in: SignIn, plan: Run) -> None:
    page = read(sign_in("cy"), plan)
    for step in plan.steps.all():
        assert step.title in page
    assert (
        page.index("Wait until both captains")
        < page.index("No way back after this line")
        < page.index("Eject amber-1")
    )
    assert "1 point of no return" in page


def test_a_plan_ties_what_is_owed_to_what_pays(sign_in: SignIn, plan: Run) -> None:
    page = read(sign_in("cy"), plan)
    assert "will owe HA" in page
    assert "pays HA" in page
    assert "tie l1 a future" in page


def test_a_plan_tells_which_checks_hold_only_later(sign_in: SignIn, plan: Run) -> None:
    page = read(sign_in("cy"), plan)
    assert "ok after step 5" in page
    assert "Rehearsed" in page


def test_a_viewer_reads_the_plan_and_is_told_who_may_ask(sign_in: SignIn, plan: Run) -> None:
    page = read(sign_in("cy"), plan)
    assert "An operator can ask for its approval" in page
    assert f'action="/runs/{plan.pk}/ask"' not in page


def test_an_operator_asks_for_approval(sign_in: SignIn, plan: Run) -> None:
    answer = sign_in("bo").post(f"/runs/{plan.pk}/ask", {"note": "Tonight."})
    assert answer.status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.note) == ("approval", "Tonight.")


def test_asking_twice_is_answered_with_the_reason(sign_in: SignIn, asked: Run) -> None:
    answer = sign_in("bo").post(f"/runs/{asked.pk}/ask", {})
    assert answer.status_code == 409
    assert "approval is asked for once" in answer.content.decode()


def test_the_requester_sees_why_they_cannot_approve(sign_in: SignIn, asked: Run) -> None:
    page = read(sign_in("bo"), asked)
    assert "You asked for this run, so somebody else has to approve it." in page
    assert "Approve this plan" not in page


def test_an_approver_approves_under_the_plan(sign_in: SignIn, asked: Run) -> None:
    ada = sign_in("ada")
    assert "Approve this plan" in read(ada, asked)
    answer = ada.post(
        f"/runs/{asked.pk}/vote", {"vote": "yes", "comment": "Go", "fingerprint": asked.fingerprint}
    )
    assert answer.status_code == 302
    assert Run.objects.get(pk=asked.pk).state == "starting"


def test_a_double_click_on_approve_counts_once(sign_in: SignIn, asked: Run) -> None:
    word = {"vote": "yes", "comment": "", "fingerprint": asked.fingerprint}
    sign_in("ada").post(f"/runs/{asked.pk}/vote", word)
    assert sign_in("ada").post(f"/runs/{asked.pk}/vote", word).status_code == 409
    assert Approval.objects.count() == 1


def test_an_approval_of_another_plan_is_refused(sign_in: SignIn, asked: Run) -> None:
    answer = sign_in("ada").post(f"/runs/{asked.pk}/vote", {"vote": "yes", "fingerprint": "of-yesterday"})
    assert answer.status_code == 409
    assert "no longer the one you read" in answer.content.decode()
    assert not Approval.objects.exists()


def test_a_no_needs_a_word_and_ends_the_run(sign_in: SignIn, asked: Run) -> None:
    word = {"vote": "no", "comment": "", "fingerprint": asked.fingerprint}
    answer = sign_in("ada").post(f"/runs/{asked.pk}/vote", word)
    assert answer.status_code == 409
    sign_in("ada").post(f"/runs/{asked.pk}/vote", {**word, "comment": "No window today"})
    assert Run.objects.get(pk=asked.pk).state == "refused"
    assert "No window today" in read(sign_in("bo"), asked)


@pytest.mark.parametrize("act", ["ask", "start", "vote", "confirm", "retry", "skip", "undo", "take-over"])
def test_a_viewer_may_do_nothing(sign_in: SignIn, plan: Run, act: str) -> None:
    assert sign_in("cy").post(f"/runs/{plan.pk}/{act}").status_code == 403


@pytest.mark.parametrize(
    "act",
    ["ask", "start", "vote", "confirm", "retry", "skip", "undo", "take-over", "it-happened", "it-did-not"],
)
def test_nothing_is_done_by_following_a_link(sign_in: SignIn, plan: Run, act: str) -> None:
    assert sign_in("ada").get(f"/runs/{plan.pk}/{act}").status_code == 405


def test_an_operator_who_is_no_approver_may_not_vote(sign_in: SignIn, asked: Run) -> None:
    assert sign_in("bo").post(f"/runs/{asked.pk}/vote", {"vote": "yes"}).status_code == 403


def test_a_form_from_elsewhere_is_refused(sign_in: SignIn, plan: Run) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in("bo").cookies
    assert strict.post(f"/runs/{plan.pk}/ask").status_code == 403


def test_who_is_not_signed_in_is_sent_to_the_door(plan: Run) -> None:
    answer = Client().get(f"/runs/{plan.pk}/")
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_a_run_that_is_not_there_is_a_404(sign_in: SignIn, plan: Run) -> None:
    assert sign_in("cy").get("/runs/999999/").status_code == 404
    assert sign_in("cy").get(f"/runs/{plan.pk}/fragment/nonsense").status_code == 404
