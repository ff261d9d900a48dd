"""The docs can be read in the console, and nothing else of the machine with them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pools.models import Pool
from tests.pools.remembered import remembered
from tests.pools.world import crashed

pytestmark = pytest.mark.django_db


@pytest.fixture
def cy(client: Client, django_user_model: Any) -> Client:
    user = django_user_model.objects.create_user("cy")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_finding_leads_to_the_page_of_its_code(cy: Client) -> None:
    remembered(crashed())
    assert Pool.objects.filter(name="amber").exists()
    assert 'href="/help/rules/cloudstack-alert.md"' in cy.get("/pools/amber/").content.decode()
    page = cy.get("/help/rules/cloudstack-alert.md").content.decode()
    assert (
        "<h1>cloudstack-alert</h1>" in page
        and '<h2 id="how-to-check-by-hand">How to check by hand</h2>' in page
    )


@pytest.mark.parametrize("link", ["rules.md", "workflows/reenable-host.md", "captains.md"])
def test_links_between_the_pages_lead_on(cy: Client, link: str) -> None:
    assert cy.get(f"/help/{link}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["../README.md", "%2e%2e/README.md", "rules", "nothing.md", "../dashboard/settings.py", "/etc/passwd"],
)
def test_nothing_but_the_docs_is_served(cy: Client, path: str) -> None:
    assert cy.get(f"/help/{path}").status_code == 404


def test_a_stranger_reads_nothing(client: Client) -> None:
    assert client.get("/help/rules.md").status_code == 302
