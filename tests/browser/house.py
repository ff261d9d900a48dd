"""The house as a browser test sees it: its address, its people's browsers, and what the lab was told."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from xmlrpc.client import ServerProxy

from playwright.sync_api import Browser, BrowserContext, Page

from deploy.ports import Ports
from lab import remote
from tests.support.demo import Demo

SignIn = Callable[..., Page]
PATIENCE_MS = 60_000


class House:
    """A running demo, and the lab behind it."""

    def __init__(self, demo: Demo) -> None:
        self.url = f"http://127.0.0.1:{demo.port}"
        self._ports = Ports(demo.port)
        accounts = json.loads((demo.data_dir / "demo.json").read_text())["accounts"]
        self.passwords: dict[str, str] = {each["name"]: each["password"] for each in accounts}

    def orders(self) -> list[dict[str, Any]]:
        """Every call so far that changes something, in the order in which the lab received them."""
        calls: list[dict[str, Any]] = remote.ask(self._ports.control, "/calls?changing=1")
        return [{**call, "name": call["name"].removeprefix("Async.")} for call in calls]

    def truth(self, pool: str) -> dict[str, Any]:
        """The pool as it is, whatever anybody believes."""
        pools = remote.ask(self._ports.control, "/state")["pools"]
        return next(each for each in pools if each["name"] == pool)

    def sr(self, address: str, name: str) -> str:
        """The reference of an SR, from the master at that address, past the product."""
        # The lab signs its certificates itself, and nothing is at stake in asking it.
        unchecked = ssl._create_unverified_context()  # noqa: S323
        with ServerProxy(f"https://{address}:{self._ports.xapi}", context=unchecked) as xapi:
            session = _value(xapi.session.login_with_password("root", "baton-lab", "1.0", "a test"))
            found = _value(xapi.SR.get_by_name_label(session, name))
            xapi.session.logout(session)
        return str(found[0])


def _value(answer: Any) -> Any:
    assert answer["Status"] == "Success", answer
    return answer["Value"]


@contextmanager
def people(browser: Browser, house: House) -> Iterator[SignIn]:
    """Sign people in, each in a context of their own. Fails at the end if a script of a page has failed."""
    contexts: list[BrowserContext] = []
    failed: list[str] = []

    def enter(name: str, **options: Any) -> Page:
        context = browser.new_context(
            base_url=house.url, **{"viewport": {"width": 1280, "height": 900}, **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failed.append(f"{page.url}: {error}"))
        page.goto("/")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(house.passwords[name])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert failed == []
