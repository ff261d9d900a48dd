"""The live stream: that something changed, never what. Browsers then fetch the fragment with their ordinary rights.

`announce` publishes topics to Redis after the transaction commits. One subscription per web process is fanned out to
bounded queues, one per browser. Losing a message costs nothing but the seconds until the next one or the next poll.
A stream lasts only as long as the subscription behind it: while the broker is away there is none, so that no page
says "live" of what nobody would tell it, and browsers poll.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import redis
import redis.asyncio
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

logger = logging.getLogger(__name__)

CHANNEL = "baton.live"
KEEP_ALIVE_S = 15.0
RECONNECT_S = 2.0
ATTACH_S = 2.0
"""So long a new stream waits for the subscription before it is refused."""
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
    """One subscription, many browsers. Belongs to one event loop, and listens from its first browser on."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str | None]] = set()
        self._listener: asyncio.Task[None] | None = None
        self._attached = asyncio.Event()

    async def attached(self, seconds: float) -> bool:
        """Whether the broker tells us of changes, at the latest after so many seconds."""
        if self._listener is None or self._listener.done():
            self._listener = asyncio.get_running_loop().create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._attached.wait(), seconds)
        return self._attached.is_set()

    @contextlib.contextmanager
    def subscribed(self) -> Iterator[asyncio.Queue[str | None]]:
        """A queue of topics, as long as the browser stays; None ends it: nobody would tell of changes any more."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(WAITING)
        self._queues.add(queue)
        if not self._attached.is_set():  # lost between the answer and the first byte
            queue.put_nowait(None)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    async def _listen(self) -> None:
        # No retries inside the client: browsers must hear at once that nothing is heard.
        once = Retry(NoBackoff(), 0)
        while True:
            try:
                async with redis.asyncio.Redis.from_url(
                    settings.REDIS_URL, socket_connect_timeout=1, retry=once
                ) as client:
                    await self._relay(client)
            except (redis.RedisError, OSError) as error:
                self._lost(error)
            await asyncio.sleep(RECONNECT_S)

    def _lost(self, error: Exception) -> None:
        if self._attached.is_set():
            logger.warning("live stream: the broker is away, browsers poll (%s)", error)
        self._attached.clear()
        self._tell(None)

    async def _relay(self, client: Any) -> None:
        async with client.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            self._attached.set()
            async for message in channel.listen():
                for topic in _topics(message["data"]):
                    self._tell(topic)

    def _tell(self, topic: str | None) -> None:
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(topic)


_hubs: dict[int, Hub] = {}


def _hub() -> Hub:
    """The hub of the running loop: queues and tasks must not cross loops."""
    return _hubs.setdefault(id(asyncio.get_running_loop()), Hub())


@login_not_required  # answers strangers itself: an EventSource can make nothing of a redirection
@require_GET
async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Server-sent events for signed-in people, one event per topic; nothing (204) while the broker is away:
    no fault of this server, to be logged at each try. Holds no database connection."""
    if not (await request.auser()).is_authenticated:
        return HttpResponse(status=403)
    if not await _hub().attached(ATTACH_S):
        return HttpResponse(status=204)
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
                if topic is None:
                    return
                yield f"event: {topic}\ndata: {topic}\n\n".encode()
            except TimeoutError:
                yield b": still here\n\n"


def _topics(data: bytes) -> list[str]:
    """Whoever may publish to the broker may send nonsense; a line break would forge an event."""
    try:
        listed = json.loads(data)
    except ValueError:
        return []
    return [t for t in listed if isinstance(t, str) and "\n" not in t] if isinstance(listed, list) else []
