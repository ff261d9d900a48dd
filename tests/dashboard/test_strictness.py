"""No page needs what the content policy forbids, and none is heavy."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from bench import estate

SignIn = Callable[[str], Client]
PAGES = (
    *("/", "/pools/pool-0000/", "/timeline/", "/settings/", "/ui/", "/runs/", "/approvals/", "/runs/new/"),
    *(
        "/pools/add/",
        "/cloudstacks/add/",
        "/nothing/here/",
        "/notices/",
        *("/notices/routes/add/", "/notices/silence/"),
    ),
)
SEEN: dict[str, tuple[str, str]] = {}
"""Address → content policy and page: made once, and judged by every test."""


def seen(sign_in: SignIn, path: str) -> tuple[str, str]:
    estate.make(60, timezone.now())
    answer = sign_in("root").get(path)
    SEEN[path] = answer.headers["Content-Security-Policy"], answer.content.decode()
    return SEEN[path]


@pytest.mark.parametrize("path", PAGES)
class TestEveryPage:
    @pytest.fixture
    def html(self, sign_in: SignIn, path: str) -> str:
        self.policy, html = SEEN.get(path) or seen(sign_in, path)
        return html

    def test_allows_nothing_inline_without_its_nonce(self, html: str, path: str) -> None:
        nonce = re.search(r"'nonce-([^']+)'", self.policy)
        assert nonce
        assert "unsafe" not in self.policy and "default-src 'self'" in self.policy
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", html):
            assert f'nonce="{nonce[1]}"' in tag
        assert not re.search(r"<[^>]+\sstyle=", html)
        assert not re.search(r"<[^>]+\son\w+=", html)
        assert "javascript:" not in html

    def test_takes_nothing_from_elsewhere(self, html: str, path: str) -> None:
        assert not re.search(r'(?:src|<link[^>]+href)="(?:https?:)?//', html)

    def test_weighs_little(self, html: str, path: str) -> None:
        assert len(gzip.compress(html.encode())) < 100_000

    def test_has_one_heading_of_the_first_rank_and_a_title(self, html: str, path: str) -> None:
        assert html.count("<h1") == 1
        assert re.search(r"<title>[^<]+ · Baton</title>", html)

    def test_uses_each_id_once(self, html: str, path: str) -> None:
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert sorted(ids) == sorted(set(ids))


def test_a_nonce_is_never_used_twice(sign_in: SignIn) -> None:
    client = sign_in("cy")
    assert (
        client.get("/").headers["Content-Security-Policy"]
        != client.get("/").headers["Content-Security-Policy"]
    )


def test_the_title_tells_the_worst(sign_in: SignIn) -> None:
    client = sign_in("cy")
    assert "<title>Overview" in client.get("/").content.decode()
    estate.make(100, timezone.now())
    for path in ("/", "/pools/pool-0000/", "/settings/"):
        assert "<title>■ 2 · " in client.get(path).content.decode()
