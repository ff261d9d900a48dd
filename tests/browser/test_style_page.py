"""The page of marks and parts: what is right here is right on the pages that use them."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(browser: Browser, server: LiveServer, scheme: str, width: int) -> Page:
    """The style page, for somebody who may only look."""
    client = Client()
    client.force_login(User.objects.create_user("cy"))
    # Axe is put in from outside, which the content policy rightly forbids.
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 844},
        bypass_csp=True,
    )
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}]
    )
    page = context.new_page()
    page.goto(f"{server.url}/ui/")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_theme(browser: Browser, live_server: LiveServer, scheme: str) -> None:
    found = Axe().run(signed_in(browser, live_server, scheme, 1280))
    assert found.violations_count == 0, found.generate_report()


def test_a_phone_scrolls_down_and_never_sideways(browser: Browser, live_server: LiveServer) -> None:
    page = signed_in(browser, live_server, "light", 390)
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390


def test_the_content_policy_has_nothing_to_refuse(browser: Browser, live_server: LiveServer) -> None:
    client = Client()
    client.force_login(User.objects.create_user("cy"))
    context = browser.new_context()
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security" in line.text else None)
    page.goto(f"{live_server.url}/ui/")
    assert refused == []
