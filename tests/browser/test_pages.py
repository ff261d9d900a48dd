"""Every page about the estate in a real browser: nothing for axe, the keyboard reaches all, a phone is enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from bench import estate
from dashboard import overview
from pools.models import Pool
from tests.pools.remembered import remembered
from tests.pools.world import crashed

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "/",
    "/pools/amber/",
    "/pools/zinc/",
    "/settings/",
    "/timeline/",
    "/runs/new/",
    "/pools/add/",
    "/notices/",
    "/notices/routes/add/",
)
ONLY_WHAT_IS_WRONG = {"resultTypes": ["violations"]}
"""The same rules; axe does not list each element that is well, which is a third of its time."""
Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """``opened("/", width=390)``: a page as root sees it, with amber in trouble, zinc never looked at
    and five pools that are well."""
    remembered(crashed())
    Pool.objects.create(name="zinc", addresses=["10.9.9.9"], password="never-used-here")
    estate.make(5, timezone.now())
    root = User.objects.create_user("root", first_name="Ro", last_name="Ot")
    root.groups.add(Group.objects.get_or_create(name="admin")[0])
    client = Client()
    client.force_login(root)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    with ExitStack() as contexts:

        def visit(path: str, *, width: int = 1280, stranger: bool = False) -> Page:
            # Axe is put in from outside, which the content policy rightly forbids.
            context = browser.new_context(
                viewport={"width": width, "height": 844},
                bypass_csp=True,
            )
            contexts.callback(context.close)
            if not stranger:
                context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            page.goto(f"{live_server.url}{path}")
            return page

        yield visit


class TestAxeFindsNothing:
    """In the light theme all of its rules, in the dark one those about contrast: nothing else differs."""

    @pytest.mark.parametrize("path", PAGES)
    def test_inside(self, opened: Open, path: str) -> None:
        self._none(opened(path))

    def test_at_the_door(self, opened: Open) -> None:
        self._none(opened("/login/", stranger=True))

    def test_on_a_page_that_is_old(self, opened: Open) -> None:
        Pool.objects.update(looked_at=timezone.now() - timedelta(minutes=5))
        self._none(opened("/"))
        self._none(opened("/pools/amber/"))

    def test_in_dense_rows_and_on_a_phone(self, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            overview, "DENSE", 5
        )  # axe takes seconds for each dozen of rows that are all alike
        page = opened("/")
        expect(page.locator("table.pools.dense")).to_be_visible()
        self._none(page)
        page.set_viewport_size({"width": 390, "height": 844})
        self._none(page)

    def _none(self, page: Page) -> None:
        for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
            # Colours that fade into each other would be measured half way.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            found = Axe().run(page, options={**rules, **ONLY_WHAT_IS_WRONG})
            assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", [*PAGES, "/timeline/?q=nothing-like-this", "/?q=nothing-like-this"])
def test_a_phone_scrolls_down_and_never_sideways(opened: Open, path: str) -> None:
    assert opened(path, width=390).evaluate("document.scrollingElement.scrollWidth") <= 390


def test_the_first_tab_skips_to_the_content(opened: Open) -> None:
    page = opened("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/pools/amber/", "/settings/", "/timeline/"])
def test_the_keyboard_reaches_all_and_shows_where_it_is(opened: Open, path: str) -> None:
    page = opened(path)
    wanted = page.evaluate(
        "() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')]"
        ".filter((e) => e.offsetParent && e.tabIndex >= 0 && !e.closest('details:not([open]) > :not(summary)')).length"
    )
    reached = set()
    for _ in range(wanted + 10):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " const all = [...document.querySelectorAll('*')];"
            " return [all.indexOf(e), e === document.body || s.outlineStyle !== 'none' || s.boxShadow !== 'none',"
            " e.outerHTML.slice(0, 120)]; }"
        )
        assert seen[1], f"no visible focus on {seen[2]}"
        reached.add(seen[0])
    assert len(reached) >= wanted


def test_j_and_k_walk_the_rows_and_slash_finds(opened: Open) -> None:
    page = opened("/")
    first = page.locator(".findings > li:first-child:focus-within")
    page.keyboard.press("j")
    expect(first).to_be_visible()
    with page.expect_response(lambda answer: "part=" in answer.url):
        page.evaluate("htmx.trigger(document.body, 'live:poll')")  # the place outlives a live update
    expect(first).to_be_visible()
    page.keyboard.press("j")
    expect(first).to_have_count(0)
    page.keyboard.press("k")
    expect(first).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#jump")).to_be_focused()
    page.keyboard.type("amber")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/pools/amber/$"))


def test_what_grows_old_on_an_open_page_is_said_without_a_reload(opened: Open) -> None:
    """Nobody announces that the watcher died: the page's own clock notices, and asks anew."""
    almost = timezone.now() - timedelta(seconds=27)
    Pool.objects.exclude(looked_at=None).update(looked_at=almost)
    page = opened("/pools/amber/")
    expect(page.locator("#pool-head .badge")).to_contain_text("Critical")
    expect(page.locator("#pool-head .badge")).to_contain_text("Not known", timeout=15_000)
    expect(page.get_by_text("Not looked at since")).to_be_visible()


def test_without_javascript_the_pages_read_the_same(browser: Browser, opened: Open) -> None:
    page = opened("/")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    for path in ("", "pools/amber/"):
        plain.goto(page.url + path)
        assert "CloudStack shows amber-2 in Alert" in plain.inner_text("main")
    context.close()
