"""The live stream between real processes: a broker, uvicorn, and several browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
import redis
import requests
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from dashboard import live
from tests.faults.processes import environment
from tests.support.demo import free_port
from tests.support.processes import running, wait_until
from tests.support.waiting import soon

Result = TypeVar("Result")


class Stage:
    """One web server and a broker that can be taken away and put back, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.redis_url = f"unix://{folder}/broker/redis.sock?db=0"
        self._env = {**environment(), "DATA_DIR": str(folder)}
        self._env.pop("REDIS_URL")
        self._broker = ExitStack()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/live/"

    def web(self) -> ExitStack:
        """The web server, once it answers."""
        stack = ExitStack()
        stack.enter_context(
            running(["-m", "uvicorn", "dashboard.asgi:application", "--port", str(self.port)], self._env)
        )
        wait_until(self._answers, 60, "the web server")
        return stack

    def broker_on(self) -> None:
        """The broker, once it answers."""
        self._broker.enter_context(running(["-m", "dashboard.broker"], self._env))
        with redis.Redis.from_url(self.redis_url) as client:
            wait_until(lambda: _pings(client), 60, "the broker")

    def broker_off(self) -> None:
        self._broker.close()

    def _answers(self) -> bool:
        try:
            return bool(requests.get(self.url, timeout=30).status_code)
        except requests.ConnectionError:
            return False


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


@pytest.fixture
def stage(
    transactional_db: None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("l"))
    monkeypatch.setattr(settings, "REDIS_URL", made.redis_url)
    monkeypatch.setattr(live, "_publisher", None)
    with ExitStack() as everything:
        everything.callback(made.broker_off)
        made.broker_on()
        everything.enter_context(made.web())
        yield made


class Browser:
    """One open stream, read line by line."""

    def __init__(self, answer: requests.Response) -> None:
        self.status, self.headers = answer.status_code, answer.headers
        self._lines = answer.iter_lines(chunk_size=1, decode_unicode=True)

    def until(self, last: str) -> list[str]:
        """What comes, up to and with the line `last`; a silent stream fails after the request's time-out."""
        got: list[str] = []
        for line in self._lines:
            got.append(line)
            if line == last:
                return got
        raise AssertionError(f"the stream ended before {last!r}: {got}")

    def rest(self) -> list[str]:
        """What comes until the server ends the stream."""
        return list(self._lines)


@pytest.fixture
def browse(stage: Stage) -> Iterator[Callable[[], Browser]]:
    """Opens another stream as cy."""
    client = Client()
    client.force_login(User.objects.create_user("cy"))
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with ExitStack() as opened:

        def opens() -> Browser:
            # Less than the 15 s between two signs of life, so that a stream which stays open is noticed.
            answer = requests.get(stage.url, cookies=cookies, stream=True, timeout=14)
            opened.callback(answer.close)
            return Browser(answer)

        yield opens


def test_a_change_reaches_every_browser_and_only_once_it_is_on_disk(browse: Callable[[], Browser]) -> None:
    browsers = [browse() for _ in range(4)]
    for each in browsers:
        assert each.headers["Content-Type"] == "text/event-stream"
        assert each.headers["X-Accel-Buffering"] == "no"
        each.until("retry: 2000")
    with pytest.raises(RuntimeError), transaction.atomic():
        live.announce("never")
        raise RuntimeError
    with transaction.atomic():
        live.announce("pool-3", "overview")
    for each in browsers:
        got = each.until("event: overview")
        assert "event: pool-3" in got
        assert "event: never" not in got


def test_strangers_get_no_stream(stage: Stage) -> None:
    assert requests.get(stage.url, timeout=30, allow_redirects=False).status_code == 403


def test_without_the_broker_streams_end_and_are_refused_until_it_is_back(
    stage: Stage, browse: Callable[[], Browser]
) -> None:
    before = browse()
    stage.broker_off()
    before.rest()  # a stream that stayed open would time out
    assert browse().status == 204
    with soon():
        live.announce("overview")
    stage.broker_on()
    wait_until(lambda: browse().status == 200, 60, "a stream")
    after = browse()
    live.announce("run-7")
    after.until("event: run-7")


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """Its result, from a loop in a thread of its own: a browser test may have left one running in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def test_a_quiet_stream_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "KEEP_ALIVE_S", 0.02)

    async def first_lines() -> list[bytes]:
        live._hub()._attached.set()
        events = live._events()
        return [await anext(events), await anext(events)]

    assert finished(first_lines()) == [b"retry: 2000\n\n", b": still here\n\n"]


def test_a_slow_browser_gets_the_newest_and_no_flood() -> None:
    async def slow() -> list[str | None]:
        hub = live.Hub()
        hub._attached.set()
        with hub.subscribed() as queue:
            for number in range(live.WAITING + 10):
                hub._tell(f"run-{number}")
            return [queue.get_nowait() for _ in range(queue.qsize())]

    got = finished(slow())
    assert len(got) == live.WAITING
    assert got[-1] == f"run-{live.WAITING + 9}"


def test_what_is_not_a_list_of_topics_is_passed_over() -> None:
    assert live._topics(b"not json") == []
    assert live._topics(b'["pool-1", 7, "two\\nlines"]') == ["pool-1"]
    assert live._topics(b"7") == []
