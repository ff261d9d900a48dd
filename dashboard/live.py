"""The live stream: that something changed, never what. Browsers then fetch the fragment with their ordinary rights.

`announce` publishes topics to Redis after the transaction commits. One subscription per web process is fanned out to
bounded queues, one per browser. Losing a message costs nothing but the seconds until the next one or the next poll.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

logger = logging.getLogger(__name__)

CHANNEL = "baton.live"
KEEP_ALIVE_S = 15.0
RECONNECT_S = 2.0
WAITING = 64
"""So many topics wait for a slow browser; then it only gets the newest."""

_publisher: redis.Redis | None = None


def announce(*topics: str) -> None:
    """Tell browsers that these topics (`overview`, `approvals`, `pool-3`, `run-7`) changed, once this transaction is
    on disk. Never raises: with Redis away the pages poll."""
    transaction.on_commit(lambda: _publish(topics), robust=True)


def _publish(topics: tuple[str, ...]) -> None:
    try:
        _redis().publish(CHANNEL, json.dumps(topics))
    except redis.RedisError as error:
        logger.info("live stream: nobody told of %s (%s)", ", ".join(topics), error)


def _redis() -> redis.Redis:
    """This process's own connection; short time-outs, since a save must not wait for a broker."""
    global _publisher  # noqa: PLW0603 - one pool of connections per process
    if _publisher is None:
        _publisher = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None
        )
    return _publisher


class Hub:
    """One subscription, many browsers. Belongs to one event loop."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()
        self._listener: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def subscribed(self) -> Any:
        """A queue of topics, as long as the browser stays."""
        queue: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self._queues.add(queue)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.get_running_loop().create_task(self._listen())
        try:
            yield queue
        finally:
            self._queues.discard(queue)
            if not self._queues and self._listener:
                self._listener.cancel()
                self._listener = None

    async def _listen(self) -> None:
        while True:
            try:
                async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client:
                    await self._relay(client)
            except (redis.RedisError, OSError) as error:
                logger.info("live stream: the broker is away (%s)", error)
                await asyncio.sleep(RECONNECT_S)

    async def _relay(self, client: Any) -> None:
        async with client.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            async for message in channel.listen():
                for topic in _topics(message["data"]):
                    self._tell(topic)

    def _tell(self, topic: str) -> None:
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(topic)


_hubs: dict[int, Hub] = {}


def _hub() -> Hub:
    """The hub of the running loop: queues and tasks must not cross loops."""
    return _hubs.setdefault(id(asyncio.get_running_loop()), Hub())


@require_GET
async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Server-sent events for signed-in people, one event per topic. Holds no database connection."""
    if not (await request.auser()).is_authenticated:
        return HttpResponse(status=403)
    response = StreamingHttpResponse(_events(), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events() -> AsyncIterator[bytes]:
    with _hub().subscribed() as queue:
        yield b"retry: 2000\n\n"
        while True:
            try:
                topic = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
                yield f"event: {topic}\ndata: {topic}\n\n".encode()
            except TimeoutError:
                yield b": still here\n\n"


def _topics(data: bytes) -> list[str]:
    try:
        return [t for t in json.loads(data) if isinstance(t, str) and "\n" not in t]
    except ValueError:
        return []
