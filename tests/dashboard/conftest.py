"""One person per role, each with a browser of their own, and an estate made of facts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

PEOPLE = {"cy": "viewer", "bo": "operator", "ada": "approver", "root": "admin"}
SignIn = Callable[[str], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """``sign_in("bo")`` gives the operator's browser; forms are checked as in earnest."""

    def browser(name: str) -> Client:
        person = User.objects.create_user(name, password=f"{name}-knows-this")
        person.groups.add(Group.objects.get(name=PEOPLE[name]))
        client = Client(enforce_csrf_checks=False)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser
