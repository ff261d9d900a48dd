"""When a step fails, or nobody knows whether it happened: the page tells, and offers what may be done."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.workflows.pages import standing
from workflows.models import Run, RunStep

SignIn = Callable[[str], Client]


@pytest.fixture
def failed(asked: Run) -> Run:
    """XenServer refused the eject; HA is still off."""
    facts = standing.ready_to_eject(standing.now())
    run = standing.stand(
        asked,
        "EjectFromPool",
        "failed",
        "failed",
        facts,
        error_code="HOST_HAS_RESIDENT_VMS",
        error_params=["OpaqueRef:h-amber-1", "OpaqueRef:vm-8"],
        says="HOST_HAS_RESIDENT_VMS OpaqueRef:h-amber-1",
    )
    standing.owe_ha(run)
    return run


@pytest.fixture
def doubt(asked: Run) -> Run:
    """The answer to the eject was lost, and no trace of it was found."""
    facts = standing.ready_to_eject(standing.now())
    seen = ["It is not done.", "No task Async.pool.eject is there that was not there before."]
    return standing.stand(asked, "EjectFromPool", "doubt", "doubt", facts, seen=seen)


def read(client: Client, run: Run) -> str:
    answer = client.get(f"/runs/{run.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def row(run: Run) -> RunStep:
    return run.steps.get(index=7)


def test_the_failure_is_told_verbatim_and_in_plain_words(sign_in: SignIn, failed: Run) -> None:
    page = read(sign_in("cy"), failed)
    assert "HOST_HAS_RESIDENT_VMS · OpaqueRef:h-amber-1 · OpaqueRef:vm-8" in page
    assert "VMs still count as running there." in page


def test_what_is_true_now_and_how_to_go_on_by_hand(sign_in: SignIn, failed: Run) -> None:
    page = read(sign_in("cy"), failed)
    assert "True now" in page
    assert "Master: amber-2" in page
    assert "By hand" in page
    assert "h-amber-1" in page


def test_a_choice_that_is_closed_stays_with_its_reason(sign_in: SignIn, failed: Run) -> None:
    page = read(sign_in("bo"), failed)
    assert "later steps rely on this one" in page
    assert f'action="/runs/{failed.pk}/skip"' not in page
    assert f'action="/runs/{failed.pk}/retry"' in page


def test_a_viewer_is_told_whom_to_ask(sign_in: SignIn, failed: Run) -> None:
    page = read(sign_in("cy"), failed)
    assert "Only an operator decides here. Ask bo." in page
    assert f'action="/runs/{failed.pk}/retry"' not in page


def test_retry_goes_on_and_a_second_click_is_harmless(sign_in: SignIn, failed: Run) -> None:
    assert sign_in("bo").post(f"/runs/{failed.pk}/retry").status_code == 302
    assert Run.objects.get(pk=failed.pk).state == "running"
    assert sign_in("bo").post(f"/runs/{failed.pk}/retry").status_code == 409


def test_a_step_that_others_rest_on_cannot_be_skipped(sign_in: SignIn, failed: Run) -> None:
    answer = sign_in("bo").post(f"/runs/{failed.pk}/skip", {"reason": "In a hurry"})
    assert answer.status_code == 409
    assert row(failed).state == "failed"


def test_abort_says_first_what_it_leaves(sign_in: SignIn, failed: Run) -> None:
    page = sign_in("bo").get(f"/runs/{failed.pk}/abort/").content.decode()
    assert "It owes 1 thing." in page
    assert "HA is off on amber" in page
    assert "Put it back first." in page
    assert Run.objects.get(pk=failed.pk).state == "failed"


def test_abort_needs_a_reason(sign_in: SignIn, failed: Run) -> None:
    assert sign_in("bo").post(f"/runs/{failed.pk}/abort/", {"pay": "no"}).status_code == 409
    assert Run.objects.get(pk=failed.pk).state == "failed"


def test_abort_as_it_is_leaves_the_debt_open(sign_in: SignIn, failed: Run) -> None:
    answer = sign_in("bo").post(f"/runs/{failed.pk}/abort/", {"pay": "no", "reason": "Tomorrow"})
    assert answer.status_code == 302
    run = Run.objects.get(pk=failed.pk)
    assert run.state == "aborted"
    assert run.debts.get().open
    page = read(sign_in("cy"), run)
    assert "Aborted" in page
    assert "No step of this run puts it back any more." in page


def test_abort_that_pays_first_keeps_the_paying_step(sign_in: SignIn, failed: Run) -> None:
    sign_in("bo").post(f"/runs/{failed.pk}/abort/", {"pay": "yes", "reason": "Tomorrow"})
    run = Run.objects.get(pk=failed.pk)
    assert run.state == "running"
    assert run.steps.get(index=run.index).key == "RestoreHa"
    assert "puts it back: Turn HA on, as it was." in read(sign_in("cy"), run)


def test_a_viewer_may_not_even_see_the_abort_page(sign_in: SignIn, failed: Run) -> None:
    assert sign_in("cy").get(f"/runs/{failed.pk}/abort/").status_code == 403


def test_doubt_says_what_was_seen_and_lets_a_person_decide(sign_in: SignIn, doubt: Run) -> None:
    page = read(sign_in("bo"), doubt)
    assert "No task Async.pool.eject is there that was not there before." in page
    assert "It happened" in page
    assert "It did not happen" in page


@pytest.mark.parametrize(("act", "state"), [("it-happened", "done"), ("it-did-not", "todo")])
def test_a_persons_word_ends_the_doubt(sign_in: SignIn, doubt: Run, act: str, state: str) -> None:
    assert sign_in("bo").post(f"/runs/{doubt.pk}/{act}", {"reason": ""}).status_code == 409
    assert sign_in("bo").post(f"/runs/{doubt.pk}/{act}", {"reason": "Seen on the console"}).status_code == 302
    assert row(doubt).state == state
    assert sign_in("bo").post(f"/runs/{doubt.pk}/{act}", {"reason": "Again"}).status_code == 409


def test_a_viewer_decides_nothing_in_doubt(sign_in: SignIn, doubt: Run) -> None:
    assert sign_in("cy").post(f"/runs/{doubt.pk}/it-happened", {"reason": "x"}).status_code == 403
