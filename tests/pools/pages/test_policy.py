"""The policy form: who may change what, and that every change is told with its author."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from pools.models import Change, Pool
from pools.policyform import PolicyForm
from pools.secret import Secret

pytestmark = pytest.mark.django_db

PAGE = "/pools/amber/policy/"


@pytest.fixture
def pool() -> Pool:
    return Pool.objects.create(name="amber", uuid="p-amber", addresses=["127.0.0.1"], password=Secret("-"))


@pytest.fixture
def browser(pool: Pool) -> Client:
    """ada administers pools."""
    ada = User.objects.create_user("ada")
    ada.user_permissions.add(Permission.objects.get(codename="change_pool"))
    client = Client()
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    return client


def filled(pool: Pool, **changed: Any) -> dict[str, Any]:
    """The form as a browser would send it back."""
    initial = PolicyForm(pool).initial
    sent = {name: value for name, value in initial.items() if value not in (None, False, {}, "")}
    return {**sent, **changed}


def test_each_change_is_a_line_of_the_timeline_with_its_author(browser: Client, pool: Pool) -> None:
    sent = filled(pool, approvals_needed="2", approvals_final="3", second_person_from="high")
    assert browser.post(PAGE, sent).status_code == 302
    pool.refresh_from_db()
    assert (pool.approvals_needed, pool.approvals_by_risk, pool.second_person_from) == (
        2,
        {"final": 3},
        "high",
    )
    lines = {c.subject_uuid: c for c in Change.objects.filter(kind="policy")}
    assert set(lines) == {"approvals_needed", "approvals_by_risk", "second_person_from"}
    line = lines["approvals_needed"]
    assert (line.before, line.after, line.by) == ("1", "2", "ada")
    page = browser.get(PAGE).content.decode()
    assert "1 → 2" in page and "ada" in page


def test_what_is_sent_back_unchanged_changes_nothing(browser: Client, pool: Pool) -> None:
    browser.post(PAGE, filled(pool))
    assert not Change.objects.exists()


def test_who_confirms_must_exist(browser: Client, pool: Pool) -> None:
    answer = browser.post(PAGE, filled(pool, confirmers_final="ada, nobody-of-that-name"))
    assert answer.status_code == 422
    assert "nobody-of-that-name" in answer.content.decode()
    browser.post(PAGE, filled(pool, confirmers_final="ada, operator"))
    pool.refresh_from_db()
    assert pool.confirmers == {"final": ["ada", "operator"]}


def test_of_two_people_the_later_one_reads_again(browser: Client, pool: Pool) -> None:
    old = filled(pool, approvals_needed="2")
    Pool.objects.update(patience_s=900)
    answer = browser.post(PAGE, old)
    assert answer.status_code == 422
    assert "while you read it" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("approvals_needed", "-1"),
        ("approvals_final", "99"),
        ("ha_timeout_s", "1"),
        ("recovery", "nobody"),
        ("second_person_from", "<script>"),
        ("exposure_limit_s", "soon"),
    ],
)
def test_nonsense_is_refused_and_stores_nothing(browser: Client, pool: Pool, name: str, value: str) -> None:
    assert browser.post(PAGE, filled(pool, **{name: value})).status_code == 422
    assert not Change.objects.exists()


def test_a_viewer_may_not(pool: Pool) -> None:
    client = Client()
    client.force_login(User.objects.create_user("cy"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, filled(pool)).status_code == 403
