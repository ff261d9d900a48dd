"""A step that waits for a person: what it shows, who may confirm it, and what a confirmation is bound to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from pools.encoding import facts_to
from pools.models import Change, Pool
from tests.workflows.pages import standing
from workflows.models import Run, RunStep
from workflows.running import journal

SignIn = Callable[[str], Client]


@pytest.fixture
def turn(asked: Run) -> Run:
    """It waits before the maintenance."""
    return standing.stand(asked, "EnterMaintenance", "confirm", "confirm", standing.now())


@pytest.fixture
def last_chance(asked: Run) -> Run:
    """It waits before the eject, with HA off."""
    run = standing.stand(
        asked, "EjectFromPool", "confirm", "confirm", standing.ready_to_eject(standing.now())
    )
    standing.owe_ha(run)
    return run


def read(client: Client, run: Run) -> str:
    answer = client.get(f"/runs/{run.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def yes(run: Run, **changed: str) -> dict[str, str]:
    row = run.steps.get(index=run.index)
    return {"index": str(row.index), "digest": row.digest, **changed}


def row(run: Run) -> RunStep:
    return run.steps.get(index=run.index)


def test_the_open_step_shows_why_checks_changes_calls_and_then_the_button(sign_in: SignIn, turn: Run) -> None:
    page = read(sign_in("bo"), turn)
    parts = ["Why", "Checks", "Will change", "Exact calls", "Confirm step 3: "]
    assert [page.find(part) for part in parts] == sorted(page.find(part) for part in parts)
    assert "prepareHostForMaintenance" in page


def test_an_operator_confirms_and_is_back_at_the_step(sign_in: SignIn, turn: Run) -> None:
    answer = sign_in("bo").post(f"/runs/{turn.pk}/confirm", yes(turn))
    assert (answer.status_code, answer["Location"]) == (302, f"/runs/{turn.pk}/#step-3")
    assert row(turn).state == "confirmed"
    assert str(row(turn).confirmed_by) == "bo"


def test_a_double_click_confirms_once_and_says_so(sign_in: SignIn, turn: Run) -> None:
    said = yes(turn)
    sign_in("bo").post(f"/runs/{turn.pk}/confirm", said)
    again = sign_in("ada").post(f"/runs/{turn.pk}/confirm", said)
    assert again.status_code == 409
    assert "was confirmed by bo already" in again.content.decode()
    assert str(row(turn).confirmed_by) == "bo"


def test_a_viewer_sees_everything_and_a_button_that_says_why_not(sign_in: SignIn, turn: Run) -> None:
    page = read(sign_in("cy"), turn)
    assert "prepareHostForMaintenance" in page
    assert "or another operator, confirms the steps." in page
    assert f'action="/runs/{turn.pk}/confirm"' not in page


def test_a_confirmation_of_something_else_is_refused(sign_in: SignIn, turn: Run) -> None:
    answer = sign_in("bo").post(f"/runs/{turn.pk}/confirm", yes(turn, digest="of-something-else"))
    assert answer.status_code == 409
    assert "Nothing was sent" in answer.content.decode()
    assert row(turn).state == "confirm"


def test_when_the_world_moved_the_difference_is_shown_and_nothing_is_sent(sign_in: SignIn, turn: Run) -> None:
    facts = standing.now()
    moved = replace(facts, at=facts.at + timedelta(seconds=5)).with_cs_host("cs-amber-3", state="Alert")
    moved = moved.with_cs_host("cs-amber-2", resourcestate="PrepareForMaintenance").with_cs_host(
        "cs-amber-1", state="Disconnected"
    )
    Pool.objects.update(facts=facts_to(moved), looked_at=moved.at)
    answer = sign_in("bo").post(f"/runs/{turn.pk}/confirm", yes(turn))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing was sent" in page
    assert "holds no longer" in page
    assert row(turn).state == "confirm"


def test_a_check_that_does_not_hold_disables_the_button_with_its_cure(sign_in: SignIn, asked: Run) -> None:
    facts = standing.now().with_cs_host("cs-amber-1", state="Alert")
    run = standing.stand(asked, "EnterMaintenance", "confirm", "confirm", facts)
    page = read(sign_in("bo"), run)
    failing = [check for check in row(run).shown["checks"] if not check["ok"]]  # type: ignore[index]
    assert failing
    assert 'aria-disabled="true" aria-describedby="closed"' in page
    assert f'action="/runs/{run.pk}/confirm"' not in page


def test_a_step_without_a_way_back_wants_the_hosts_name(sign_in: SignIn, last_chance: Run) -> None:
    bo = sign_in("bo")
    assert "Type <b>amber-1</b>" in read(bo, last_chance)
    wrong = bo.post(f"/runs/{last_chance.pk}/confirm", yes(last_chance, typed="amber-2"))
    assert wrong.status_code == 409
    assert "Type amber-1 to confirm" in wrong.content.decode()
    right = bo.post(f"/runs/{last_chance.pk}/confirm", yes(last_chance, typed=" amber-1 "))
    assert right.status_code == 302


def test_an_open_debt_stands_on_top_with_the_step_that_pays(sign_in: SignIn, last_chance: Run) -> None:
    page = read(sign_in("cy"), last_chance)
    assert "HA is off on amber; it was on with nfs-hb, 180 s, 1 failure to tolerate." in page
    assert "Step 10 puts it back: Turn HA on, as it was." in page
    assert "tie l1 a owed bad" in page
    assert "tie l1 z owed bad ahead" in page
    assert "off, by this run" in page


def test_no_way_back_stands_before_the_eject(sign_in: SignIn, last_chance: Run) -> None:
    page = read(sign_in("cy"), last_chance)
    assert page.index("No way back after this line") < page.index('id="step-8"')


def test_anybody_who_operates_may_take_the_run_over(sign_in: SignIn, turn: Run) -> None:
    ada = sign_in("ada")
    assert "Take over" in read(ada, turn)
    ada.post(f"/runs/{turn.pk}/take-over")
    assert str(Run.objects.get(pk=turn.pk).owner) == "ada"
    assert ada.post(f"/runs/{turn.pk}/take-over").status_code == 409


def test_nonsense_in_the_form_is_a_sentence_not_a_crash(sign_in: SignIn, turn: Run) -> None:
    answer = sign_in("bo").post(f"/runs/{turn.pk}/confirm", {"index": "x", "digest": "\x07"})
    assert answer.status_code == 409


def test_what_became_otherwise_while_it_waits_is_shown(sign_in: SignIn, turn: Run) -> None:
    """Guests that came, which no yes hangs on; and what somebody else did, with their name."""
    waiting = row(turn)
    shown = {**(waiting.shown or {})}
    guests = {"system": "XenServer", "what": "host amber-1", "field": "guests", "after": "0", "sign": "~"}
    journal.write(
        turn.pk,
        "waits",
        "Waits for a person.",
        step=turn.index,
        data={"shown": {**shown, "changes": [{**guests, "before": "2", "binding": False}]}},
    )
    now = {**shown, "changes": [{**guests, "before": "3", "binding": False}]}
    RunStep.objects.filter(pk=waiting.pk).update(shown=now)
    moment = turn.state_since + timedelta(seconds=1)
    for source, says in (("cloudstack", "Maintenance."), ("baton", "A finding opened.")):
        Change.objects.create(
            pool=turn.pool, at=moment, source=source, kind="k", subject="amber-3", says=says, by="cloud admin"
        )
    page = read(sign_in("bo"), turn)
    assert "host amber-1, guests: 2 when this was asked, 3 now." in page
    assert "amber-3: Maintenance. (cloud admin)" in page
    assert "A finding opened." not in page
