"""The address that load balancers ask."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_healthz_answers_without_a_login(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_every_answer_forbids_scripts_from_elsewhere(client: Client) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "unsafe" not in policy
