"""The loop inside the `watch` worker: started when the worker is ready, stopped before it goes.

One process serves both: Celery's threads look at pools that are due, the loop waits for those that tell by themselves.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import threading
from contextlib import suppress
from typing import Any

import uvloop
from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from pools.lateness import kept
from pools.listening.desk import listen
from pools.listening.room import Part, live
from pools.probing.prober import probing

logger = logging.getLogger(__name__)

QUEUE = "watch"
M_MMAP_THRESHOLD, LARGE = -3, 128 * 1024
"""glibc's name for: blocks of so many bytes are the system's again as soon as they are free (mallopt(3))."""
STOP_S = 5.0
KEPT_S = 60
"""How long a thread of the worker keeps an SQLite file open."""
PARTS: dict[str, Part] = {
    "pulse": kept,
    "masters": listen,
    "members": probing,
}
"""What runs in the loop, by name."""


class Listening:
    """A thread with the loop in it."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="listening", daemon=True)
        self._all: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let all parts end, and wait for them so long as they may take."""
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(STOP_S)

    def _cancel(self) -> None:
        if self._all:
            self._all.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._all = self._loop.create_task(live(PARTS))
        try:
            self._loop.run_until_complete(self._all)
        except asyncio.CancelledError:
            logger.info("listening: stopped")
        finally:
            self._loop.close()


_listening: Listening | None = None


def keep_open() -> None:
    """The worker's threads come back each second, and opening and closing an SQLite file takes longer than most of
    what they do with it. PostgreSQL has few connections to give: there they are given back at once."""
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        connections.settings[DEFAULT_DB_ALIAS]["CONN_MAX_AGE"] = KEPT_S


def give_back() -> None:
    """Memory that large replies took. glibc raises its threshold by itself when such blocks are freed, and keeps for
    every one of a thousand connections what a few of them need at a time."""
    with suppress(AttributeError):  # another libc
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)


@worker_ready.connect
def _begin(sender: Any = None, **_: Any) -> None:
    """Only in the worker that serves the watch: the others come and go with their children."""
    global _listening  # noqa: PLW0603 - one loop per process
    if QUEUE in sender.app.amqp.queues.consume_from:
        keep_open()
        give_back()
    if settings.LISTEN and _listening is None and QUEUE in sender.app.amqp.queues.consume_from:
        _listening = Listening()
        _listening.start()


@worker_shutdown.connect
def _end(**_: Any) -> None:
    global _listening
    if _listening is not None:
        ending, _listening = _listening, None
        ending.stop()
