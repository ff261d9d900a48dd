"""Coming in: the sign-in page, the lock, forms from elsewhere; and finding things by name once inside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from bench import estate

pytestmark = pytest.mark.django_db

SignIn = Callable[[str], Client]
WORD = "correct-horse-battery"


@pytest.fixture
def cy() -> User:
    return User.objects.create_user("cy", password=WORD)


def attempt(client: Client, password: str, address: str = "10.0.0.7", **more: str) -> tuple[int, str]:
    answer = client.post("/login/", {"username": "cy", "password": password, **more}, REMOTE_ADDR=address)
    return answer.status_code, answer.content.decode()


def test_signing_in_leads_to_where_one_wanted_to_go(client: Client, cy: User) -> None:
    form = client.get("/login/?next=/timeline/").content.decode()
    assert 'name="next" value="/timeline/"' in form
    answer = client.post("/login/", {"username": "cy", "password": WORD, "next": "/timeline/"})
    assert answer.headers["Location"] == "/timeline/"


def test_signing_in_never_leads_elsewhere(client: Client, cy: User) -> None:
    answer = client.post("/login/", {"username": "cy", "password": WORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_after_five_wrong_passwords_the_door_says_when_it_opens(client: Client, cy: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        status, page = attempt(client, "wrong")
    assert status == 429
    assert "Too many wrong passwords" in page
    assert "Signing in as <b>cy</b>" in page
    assert "opens again within 15 minutes" in page
    assert attempt(client, WORD)[0] == 429


def test_the_lock_keeps_out_neither_colleagues_nor_the_same_person_elsewhere(
    client: Client, cy: User
) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        attempt(client, "wrong")
    assert attempt(client, WORD, address="10.0.0.8")[0] == 302
    User.objects.create_user("bo", password=WORD)
    colleague = client.post("/login/", {"username": "bo", "password": WORD}, REMOTE_ADDR="10.0.0.7")
    assert colleague.status_code == 302


def test_a_hostile_name_at_the_door_stays_text(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    for _ in range(settings.AXES_FAILURE_LIMIT):
        page = client.post("/login/", {"username": evil, "password": "wrong"}).content.decode()
    assert evil not in page and "&lt;script&gt;" in page


def test_a_form_from_elsewhere_is_refused_in_a_sentence(cy: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/login/", {"username": "cy", "password": WORD})
    assert answer.status_code == 403
    assert "Nothing was done. Go back" in answer.content.decode()


def test_signing_out_is_a_form_and_no_link(sign_in: SignIn) -> None:
    client = sign_in("bo")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("pool-0001", "/pools/pool-0001/"),
        ("POOL-0001", "/pools/pool-0001/"),
        ("pool-0001-3", "/?q=pool-0001-3"),
        ("run 12345", "/?q=run+12345"),
        ("999999999999999999999999", "/?q=999999999999999999999999"),
        ("²", "/?q=%C2%B2"),
        ("a&b=<c>", "/?q=a%26b%3D%3Cc%3E"),
        ("", "/?q="),
    ],
)
def test_finding_goes_straight_to_a_pool_and_else_filters(sign_in: SignIn, text: str, where: str) -> None:
    estate.make(2, timezone.now())
    assert sign_in("cy").get("/find", {"q": text}).headers["Location"] == where


def test_settings_show_pools_policies_and_people(sign_in: SignIn) -> None:
    estate.make(2, timezone.now())
    page = sign_in("root").get("/settings/").content.decode()
    for said in ("pool-0001", "10.0.1.1", "HA on, 180 s", "looked at every 10 s", "root"):
        assert said in page
    assert "never-used-here" not in page


def test_settings_without_a_pool_teach(sign_in: SignIn) -> None:
    page = sign_in("cy").get("/settings/").content.decode()
    assert "No pool is connected" in page and "No CloudStack is connected" in page
    assert "Connect a pool…" not in page


def test_an_address_of_nothing_says_so_in_the_frame(sign_in: SignIn) -> None:
    answer = sign_in("cy").get("/nothing/here/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
