"""Each role before each page and action: what is not theirs is refused by the server, with whom to ask."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from bench import estate
from dashboard.people import MAY, ROLES, grant_roles, permissions_of, role_of

SignIn = Callable[[str], Client]
EVERYBODY = ("cy", "bo", "ada", "root")
OPERATORS = ("bo", "ada", "root")
ADMINS = ("root",)

GETS = [
    ("/", EVERYBODY),
    ("/?part=pools", EVERYBODY),
    ("/pools/pool-0000/", EVERYBODY),
    ("/pools/pool-0000/?part=head", EVERYBODY),
    ("/timeline/", EVERYBODY),
    ("/settings/", EVERYBODY),
    ("/runs/", EVERYBODY),
    ("/approvals/", EVERYBODY),
    ("/ui/", EVERYBODY),
    ("/runs/new/", OPERATORS),
    ("/pools/add/", ADMINS),
    ("/cloudstacks/add/", ADMINS),
    ("/notices/", EVERYBODY),
    ("/notices/silence/", OPERATORS),
    ("/notices/routes/add/", ADMINS),
]
POSTS = [
    ("/pools/add/", ADMINS, 422),
    ("/cloudstacks/add/", ADMINS, 422),
    ("/notices/silence/", OPERATORS, 422),
    ("/notices/acknowledge/", OPERATORS, 400),
    ("/notices/routes/add/", ADMINS, 422),
]


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize(("path", "may"), GETS)
def test_pages_open_to_those_who_may(sign_in: SignIn, name: str, path: str, may: tuple[str, ...]) -> None:
    estate.make(1, timezone.now())
    assert sign_in(name).get(path).status_code == (200 if name in may else 403)


@pytest.mark.parametrize("name", EVERYBODY)
@pytest.mark.parametrize(("path", "may", "status"), POSTS)
def test_actions_are_done_for_those_who_may(
    sign_in: SignIn, name: str, path: str, may: tuple[str, ...], status: int
) -> None:
    assert sign_in(name).post(path).status_code == (status if name in may else 403)


@pytest.mark.parametrize("path", sorted({path for path, _ in GETS}))
def test_strangers_are_sent_to_sign_in_and_back(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=/")


def test_a_refusal_names_the_roles_and_the_people_to_ask(sign_in: SignIn) -> None:
    sign_in("root")
    page = sign_in("cy").get("/pools/add/").content.decode()
    assert "Your role may not connect a pool" in page
    assert "You are signed in as viewer" in page
    assert "<b>admin</b>" in page
    assert "Ask root." in page


def test_buttons_are_shown_only_to_those_who_may_press_them(sign_in: SignIn) -> None:
    estate.make(1, timezone.now())
    for name, starts in (("cy", False), ("bo", True)):
        client = sign_in(name)
        for path in ("/", "/pools/pool-0000/"):
            assert ("Start a run…" in client.get(path).content.decode()) == starts


def test_each_role_holds_all_that_the_lesser_one_may() -> None:
    names = list(ROLES)
    for lesser, greater in pairwise(names):
        assert set(permissions_of(lesser)) < set(permissions_of(greater))


def test_every_permission_of_a_role_exists_and_is_granted(db: None) -> None:
    for role in ROLES:
        held = {
            f"{p.content_type.app_label}.{p.codename}" for p in Group.objects.get(name=role).permissions.all()
        }
        assert held == set(permissions_of(role))


def test_a_role_is_restored_by_the_next_migration(db: None) -> None:
    Group.objects.get(name="operator").permissions.clear()
    grant_roles()
    grant_roles()
    assert Group.objects.get(name="operator").permissions.filter(codename="start_run").exists()


def test_a_person_is_called_by_the_highest_role(db: None) -> None:
    person = User.objects.create_user("eve")
    assert role_of(person) == "no role"
    for role in ("operator", "viewer"):
        person.groups.add(Group.objects.get(name=role))
    assert role_of(person) == "operator"
    assert role_of(User(username="boss", is_superuser=True)) == "superuser"


def test_every_refusal_has_words() -> None:
    asked = {"workflows.start_run", "pools.add_pool", "pools.add_cloudstack", "workflows.confirm_step"}
    assert asked | {"workflows.approve_run", "workflows.take_over_run"} <= set(MAY)
