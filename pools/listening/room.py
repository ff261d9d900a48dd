"""Where the coroutines of the watch live: parts that run for ever, and a few threads for work that blocks.

A part never blocks the loop: what touches the database, or takes more than a millisecond, goes through `Room.work`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 4
"""Python runs one of them at a time; the others wait for the database."""
JUDGES = 4
"""Of their own: a thousand judgements that come together, as at a start, must not keep a lease from being renewed."""
LOOKERS = 32
"""So many masters at a time may be slow, or silent, without anybody's waiting for them."""
ROUNDS = 16
"""Full looks over open lines at a time: with more, each takes as long as all of them, and the answers of all lie in
memory together."""
AGAIN_S = 1.0
"""How long a part that broke rests before it starts anew."""


class Room:
    """What a part is given. Belongs to one loop."""

    def __init__(self) -> None:
        self._first = ThreadPoolExecutor(1, thread_name_prefix="leases")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="listening")
        self._judges = ThreadPoolExecutor(JUDGES, thread_name_prefix="judging")
        self._lookers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="looking")
        self.round = asyncio.Semaphore(ROUNDS)
        """Held for a full look. Whoever can go on without one does not wait for it."""
        self.lines = 0
        """How many are open, or about to be."""

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what blocks for a moment in a thread, with a database connection that works, and give its value."""
        return await self._in(self._threads, function, *args, **kwargs)

    async def first(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for what all else rests on, and waits behind nothing: leases, and who was heard."""
        return await self._in(self._first, function, *args, **kwargs)

    async def look(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for what may wait for a host, for seconds."""
        return await self._in(self._lookers, function, *args, **kwargs)

    async def judge(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a judgement: some ten milliseconds of work, and what it stores."""
        return await self._in(self._judges, function, *args, **kwargs)

    async def _in(
        self, threads: ThreadPoolExecutor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def run() -> T:
            close_old_connections()
            try:
                return function(*args, **kwargs)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(threads, run)

    def close(self) -> None:
        """No new work; what is short comes to its end, and nobody waits for what hangs."""
        self._lookers.shutdown(wait=False, cancel_futures=True)
        self._judges.shutdown(wait=True, cancel_futures=True)
        for threads in (self._first, self._threads):
            threads.shutdown(wait=True, cancel_futures=True)


Part = Callable[[Room], Coroutine[Any, Any, None]]
"""Runs until it is cancelled. One that breaks or ends is started anew."""


async def live(parts: Mapping[str, Part]) -> None:
    """All parts, until cancelled."""
    room = Room()
    try:
        async with asyncio.TaskGroup() as group:
            for name, part in parts.items():
                group.create_task(_kept_alive(name, part, room), name=name)
    finally:
        room.close()


async def _kept_alive(name: str, part: Part, room: Room) -> None:
    while True:
        try:
            await part(room)
        except Exception:
            logger.exception("listening: %s broke and starts anew", name)
        await asyncio.sleep(AGAIN_S)
