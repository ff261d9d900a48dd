"""The frame that every page stands in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from dashboard.people import ROLES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", ["/", "/runs/", "/approvals/", "/timeline/", "/settings/", "/ui/"])
def test_every_role_may_look_at_every_main_page(client: Client, role: str, path: str) -> None:
    person = User.objects.create_user("cy")
    person.groups.add(Group.objects.get(name=role))
    client.force_login(person)
    page = client.get(path)
    assert page.status_code == 200
    assert 'aria-label="Main"' in page.content.decode()


@pytest.mark.parametrize("path", ["/", "/runs/", "/settings/", "/ui/", "/find?q=amber"])
def test_strangers_are_sent_to_the_door(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")
