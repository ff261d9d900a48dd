"""The browser tests have a browser that reaches the console."""

from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer


def test_the_console_answers_a_browser(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/healthz")
    assert page.inner_text("body").strip() == "ok"
