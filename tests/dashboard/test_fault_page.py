"""The pages of a bad moment stand by themselves."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error


def test_the_fault_page_needs_no_database(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "Runs go on" in answer.content.decode()
    assert "css/tokens.css" in answer.content.decode()


@pytest.mark.django_db
def test_a_wrong_password_is_said_in_a_sentence(client: Client) -> None:
    page = client.post("/login/", {"username": "nobody", "password": "wrong"}).content.decode()
    assert "User name or password is wrong." in page
