"""No text with a NUL reaches a view: PostgreSQL could not keep it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize("sent", [{"q": "a\0b"}, {"a\0b": "q"}])
def test_a_nul_is_refused_wherever_it_stands(sent: dict[str, str]) -> None:
    client = Client()
    client.force_login(User.objects.create_user("cy"), backend="django.contrib.auth.backends.ModelBackend")
    for answer in (client.get("/runs/", sent), client.post("/runs/new/", sent), client.get("/help/a%00b")):
        assert answer.status_code == 400
        assert "NUL" in answer.content.decode()
