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
AGAIN_S = 1.0
"""How long a part that broke rests before it starts anew."""


class Room:
    """What a part is given. Belongs to one loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="listening")

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what blocks in one of the threads, with a database connection that works, and give its value."""

        def run() -> T:
            close_old_connections()
            try:
                return function(*args, **kwargs)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    def close(self) -> None:
        """No new work; what runs comes to its end."""
        self._threads.shutdown(wait=True, cancel_futures=True)


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
