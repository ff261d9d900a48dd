"""The machine's Chromium, or a sentence that says how to get one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import House, SignIn, people
from tests.support.demo import running_demo

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW = "no Chromium: install it (apt-get install chromium) or set CHROMIUM to its path"
QUIET = [
    *("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-first-run", "--disable-quic", "--disable-dev-shm-usage"),
]
ROOT = Path(__file__).resolve().parents[2]
# Lab seconds in a real one: minutes of moving guests pass in seconds, and a person still comes in between.
SPEED = "40"

expect.set_options(timeout=60_000)


def chromium() -> str | None:
    """The browser to use: CHROMIUM, or the first of the usual names on the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    if chromium():
        return
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=HOW))


@pytest.fixture(scope="session", autouse=True)
def let_django_use_this_thread() -> None:
    """Playwright keeps an event loop in this thread from its first test on; Django would refuse the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's browser; root may only start one without its sandbox."""
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium(), "args": [*QUIET, *sandbox]}


@pytest.fixture
def shoot() -> Callable[[Page, str], Path]:
    """``shoot(page, "overview")`` saves a picture: in the folder named by SHOTS, else in var/shots.

    Not in test-results, which playwright's plugin empties whenever any test run starts.
    """

    def take(page: Page, name: str) -> Path:
        file = ROOT / os.environ.get("SHOTS", "var/shots") / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        page.evaluate("scrollTo(0, 0)")  # what sticks to the window's edge would lie across the picture
        page.screenshot(path=file, full_page=True)
        return file

    return take


_standing: dict[str, House] = {}
_leaving = ExitStack()


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Every process of the console beside a lab with the estate; each story keeps to a pool of its own."""
    if not _standing:
        demo = running_demo(tmp_path_factory.mktemp("house"), SPEED=SPEED, WATCH_INTERVAL="3")
        _standing["house"] = House(_leaving.enter_context(demo))
    return _standing["house"]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """It goes with the last story, not with the last test: watching the estate takes a quarter of a processor."""
    if nextitem is None or "house" not in getattr(nextitem, "fixturenames", ()):
        _standing.clear()
        _leaving.close()


@pytest.fixture
def sign_in(browser: Browser, house: House) -> Iterator[SignIn]:
    """``sign_in("bo")`` gives the overview in a browser of bo's own; at the end no script may have failed there."""
    with people(browser, house) as enter:
        yield enter
