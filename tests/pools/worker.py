"""What a `watch` worker is made of, in the test's own process: its loop, and threads that look at whatever is due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from pools import watching
from pools.listening import process


@contextmanager
def watched(deadline_s: float = watching.LOOK_S) -> Iterator[None]:
    """The loop, and two threads whose looks take at most so many seconds."""
    loop, over = process.Listening(), threading.Event()
    loop.start()
    threads = [threading.Thread(target=_looking, args=(over, deadline_s)) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
        loop.stop()


def _looking(over: threading.Event, deadline_s: float) -> None:
    while not over.wait(0.05):
        for pool_id in watching.claim_due(timezone.now()):
            watching.watch(pool_id, deadline_s=deadline_s)
    connection.close()


def no_broker(*_: object, **__: object) -> None:
    """In the place of `Celery.send_task`: looks come by their turn alone."""
    raise OperationalError
