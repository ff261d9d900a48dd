"""The parts of a page that refresh themselves keep the filter, and nothing else."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("part", ["head", "pools"])
def test_a_refreshed_part_asks_for_the_same_again(client: Client, part: str) -> None:
    client.force_login(User.objects.create_user("cy"))
    address = f"?q=amber&zone=AMS-1&part={part}"
    for _ in range(3):
        page = client.get(f"/{address}").content.decode()
        found = re.search(r'hx-get="([^"]+)"', page)
        assert found
        assert html.unescape(found[1]) == address


@pytest.mark.parametrize("address", ["/?part=head", "/approvals/", "/runs/"])
def test_an_answer_to_a_part_is_for_one_tab_only(client: Client, address: str) -> None:
    """A browser may not give it to another tab, which asks because something changed meanwhile."""
    client.force_login(User.objects.create_user("cy"))
    answer = client.get(address, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store, private")
