"""Live parts: the same partials for the first load and for updates, and no update without a difference."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.workflows.pages import standing
from workflows.models import Run
from workflows.pages.fragments import BLOCKS
from workflows.running import journal

SignIn = Callable[[str], Client]


def part(client: Client, run: Run, name: str, **headers: str) -> tuple[int, str, str]:
    answer = client.get(f"/runs/{run.pk}/fragment/{name}", headers={"HX-Request": "true", **headers})
    return answer.status_code, answer.headers.get("ETag", ""), answer.content.decode()


@pytest.mark.parametrize("name", BLOCKS)
def test_every_part_of_the_page_can_be_fetched_again(sign_in: SignIn, asked: Run, name: str) -> None:
    cy = sign_in("cy")
    status, etag, html = part(cy, asked, name)
    assert status == 200
    assert f'id="have-{name}"' in html
    assert etag.strip('"') in html
    page = cy.get(f"/runs/{asked.pk}/").content.decode()
    assert f'id="run-{name}"' in page
    assert etag.strip('"') in page


@pytest.mark.parametrize("name", BLOCKS)
def test_a_part_that_did_not_change_moves_nothing(sign_in: SignIn, asked: Run, name: str) -> None:
    ada = sign_in("ada")
    _, etag, _ = part(ada, asked, name)
    status, _, html = part(ada, asked, name, **{"If-None-Match": etag})
    assert (status, html) == (204, "")


def test_what_the_page_shows_is_asked_for_in_the_address_too(sign_in: SignIn, asked: Run) -> None:
    cy = sign_in("cy")
    _, etag, _ = part(cy, asked, "people")
    answer = cy.get(f"/runs/{asked.pk}/fragment/people", {"have": etag}, headers={"HX-Request": "true"})
    assert answer.status_code == 204


def test_without_htmx_an_unchanged_part_is_a_plain_304(sign_in: SignIn, asked: Run) -> None:
    cy = sign_in("cy")
    etag = cy.get(f"/runs/{asked.pk}/fragment/people").headers["ETag"]
    assert cy.get(f"/runs/{asked.pk}/fragment/people", headers={"If-None-Match": etag}).status_code == 304


def test_a_new_line_of_the_journal_is_a_difference(sign_in: SignIn, asked: Run) -> None:
    cy = sign_in("cy")
    _, etag, _ = part(cy, asked, "journal")
    journal.write(asked.pk, "note", "CloudStack: 4 Up")
    status, _, html = part(cy, asked, "journal", **{"If-None-Match": etag})
    assert status == 200
    assert "CloudStack: 4 Up" in html


def test_the_head_brings_the_tabs_title_along(sign_in: SignIn, asked: Run) -> None:
    _, _, html = part(sign_in("ada"), asked, "head")
    assert f"<title>◠ Waits for your approval · run {asked.pk} · Baton</title>" in html


def test_progress_is_told_in_numbers(sign_in: SignIn, asked: Run) -> None:
    progress = {"says": "7 guests left on amber-1", "share": 0.7, "left": 7}
    run = standing.stand(asked, "NoGuestLeft", "running", "waiting", standing.now(), progress=progress)
    _, _, html = part(sign_in("cy"), run, "spine")
    assert "7 guests left on amber-1" in html
    assert "left to do" in html
    assert "<dd>70 <span>%</span></dd>" in html


def test_a_page_asks_the_database_a_fixed_number_of_times(
    sign_in: SignIn, asked: Run, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    cy = sign_in("cy")
    cy.get(f"/runs/{asked.pk}/")
    for n in range(50):
        journal.write(asked.pk, "note", f"line {n}")
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        cy.get(f"/runs/{asked.pk}/")
