"""The list of runs, the approvals inbox, the report, and the strips of other pages."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client

from tests.workflows.pages import standing
from workflows.models import Run
from workflows.pages import strips
from workflows.running import choices
from workflows.running.journal import verify

SignIn = Callable[[str], Client]


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_list_teaches_what_a_run_is(sign_in: SignIn) -> None:
    assert "No run yet" in text(sign_in("bo"), "/runs/")


def test_the_list_filters_by_its_query_string(sign_in: SignIn, asked: Run) -> None:
    cy = sign_in("cy")
    link = f'href="/runs/{asked.pk}/"'
    assert link in text(cy, "/runs/")
    assert link in text(cy, "/runs/?state=waiting&pool=amber&workflow=remove-master&q=amber-1")
    assert "No run matches" in text(cy, "/runs/?state=ended")
    assert "No run matches" in text(cy, "/runs/?pool=basalt")


def test_a_filter_that_makes_no_sense_is_no_crash(sign_in: SignIn, asked: Run) -> None:
    assert f'href="/runs/{asked.pk}/"' in text(sign_in("cy"), "/runs/?state=nonsense&page=99x")


def test_the_menu_shows_the_number_to_those_who_may_decide(sign_in: SignIn, asked: Run) -> None:
    assert "1<span" in text(sign_in("ada"), "/runs/").split('class="count">')[1]
    assert 'class="count">' not in text(sign_in("bo"), "/runs/")


def test_a_plan_waits_for_those_who_may_approve_it(sign_in: SignIn, asked: Run) -> None:
    assert "1 plan waits for you" in text(sign_in("ada"), "/approvals/")
    for name in ("bo", "cy"):
        page = text(sign_in(name), "/approvals/")
        assert "No plan waits for you" in page
        assert "Wait for others" in page


def test_the_inbox_has_no_approve_button(sign_in: SignIn, asked: Run) -> None:
    page = text(sign_in("ada"), "/approvals/")
    assert "Read the plan" in page
    assert "<form" not in page.split('id="inbox"')[1]
    assert "Window agreed, 14:00." in page


def test_what_was_decided_stays_with_who_and_why(
    sign_in: SignIn, asked: Run, people: dict[str, User]
) -> None:
    choices.vote(asked, people["ada"], False, "No window today", asked.fingerprint)
    page = text(sign_in("cy"), "/approvals/")
    assert "Refused" in page
    assert "No window today" in page


def test_the_menu_counts_what_waits_for_this_very_person(asked: Run, people: dict[str, User]) -> None:
    assert strips.waiting_for(people["ada"]) == 1
    assert strips.waiting_for(people["bo"]) == 0
    choices.vote(asked, people["ada"], False, "No", asked.fingerprint)
    assert strips.waiting_for(User.objects.get(username="dee")) == 0


def test_the_strip_puts_runs_that_wait_for_a_person_first(asked: Run, people: dict[str, User]) -> None:
    assert strips.runs_strip(people["cy"]) == []
    standing.stand(asked, "EnterMaintenance", "confirm", "confirm", standing.now())
    (line,) = strips.runs_strip(people["bo"])
    assert (line.mark, line.word) == ("hold", "Waits for you")
    assert line.says.startswith("step 3 of ")


def test_the_report_holds_the_whole_journal(sign_in: SignIn, asked: Run) -> None:
    page = text(sign_in("cy"), f"/runs/{asked.pk}/report")
    for entry in asked.journal.all():
        assert entry.hash[:12] in page


def test_the_report_as_json_can_be_checked_elsewhere(sign_in: SignIn, asked: Run) -> None:
    told = sign_in("cy").get(f"/runs/{asked.pk}/report.json").json()
    assert told["run"]["title"] == asked.title
    assert verify(asked) == []


def test_nobody_reads_without_signing_in(asked: Run) -> None:
    for address in ("/runs/", "/approvals/", f"/runs/{asked.pk}/report", f"/runs/{asked.pk}/report.json"):
        assert Client().get(address).status_code == 302
