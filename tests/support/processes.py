"""Starting real processes in tests, waiting for them with a deadline, and stopping them by their pid."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis

ROOT = Path(__file__).resolve().parents[2]


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Poll until the condition holds; fails the test with ``what`` after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


@contextmanager
def running(words: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the project, in its folder; terminated, then killed after 10 s, at the end."""
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=env)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running_broker(url: str) -> Iterator[None]:
    """``python -m dashboard.broker`` with this process's DATA_DIR, once it answers."""
    with running(["-m", "dashboard.broker"]) as server, redis.Redis.from_url(url) as client:
        wait_until(lambda: broker_answers(client) or server.poll() is not None, 60, "the broker to answer")
        assert server.poll() is None, f"the broker ended with {server.returncode}"
        yield


def broker_answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
