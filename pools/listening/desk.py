"""All the pools that this process listens to: taken, held, and given up again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from django.conf import settings
from django.utils import timezone

from pools import watching
from pools.clients.errors import ClientError, trouble
from pools.clients.line import web
from pools.lateness import unhurried
from pools.listening import leases
from pools.listening.ear import BUSY_S, Ear, Unable, opened, still
from pools.listening.leases import Held, Taken, Want
from pools.listening.room import Room
from pools.mirror import Doubt
from pools.rules.console import REFUSALS

logger = logging.getLogger(__name__)

TURN_S = 1.0
CLAIM_EACH = 3
"""So many turns apart are pools taken."""
WRITE_EACH = 2
"""So many turns apart is it written down who said that nothing has changed."""
CLAIMS = 250
"""Pools taken in one turn. A pool that waits for its line to be opened is ours already: looks in turn would only take
the time that the opening needs."""
OPENINGS = 128
"""So many lines are opened at a time. Each waits mostly: for a handshake, ten seconds where a master hangs, and for one
of the few full looks at a time (`Room.round`)."""
JUDGE = timedelta(seconds=30)
"""So often a pool is judged although its master tells nothing: ages and deadlines change findings too."""
LOOK_S = 4.5
"""How long the look may take when a master went silent: with the 10 s of silence at most, it is told of within 15. A
master that needs 3 s for an answer gives it in time."""
LASTED_S = 60.0
"""A line that held so long did not fail because of how it was opened."""
NEVER = datetime.min.replace(tzinfo=UTC)
UNABLE = timedelta(hours=1)
"""How long a master is left alone that cannot tell: it may be upgraded."""


async def listen(room: Room) -> None:
    """The part of the loop that listens: until cancelled."""
    async with web() as http:
        desk = Desk(room, http)
        try:
            async with asyncio.TaskGroup() as group:
                for turn, each in ((desk.hold, 1), (desk.write_down, WRITE_EACH), (desk.judge, 1)):
                    group.create_task(_again_and_again(turn, each))
        finally:
            await desk.close()


async def _again_and_again(turn: Callable[[], Coroutine[Any, Any, None]], each: int) -> None:
    """A turn that breaks, as while the database is away, costs itself only: lines are dear to open."""
    while True:
        try:
            await turn()
        except Exception:
            logger.exception("listening: a turn broke")
        await asyncio.sleep(TURN_S * each)


class Desk:
    """Who listens to what. Belongs to the loop."""

    def __init__(self, room: Room, http: aiohttp.ClientSession) -> None:
        self._room, self._http = room, http
        self.holder = leases.new_holder()
        self._openings = asyncio.Semaphore(OPENINGS)
        self._held: dict[int, Held] = {}
        """Whose line is being opened, or open."""
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ears: dict[int, Ear] = {}
        self._written: dict[int, datetime] = {}
        self._asides: set[asyncio.Task[None]] = set()
        self._closing = False
        self._wanted: dict[int, Want] = {}
        self._due: dict[int, datetime] = {}
        """When each is to be judged if nobody asks before."""
        self._hurried: set[int] = set()
        """Of those that are wanted, whom somebody asked for."""
        self._since: dict[int, float] = {}
        """When the opening of each line began, of the monotonic clock."""
        self._renewed_at = 0.0
        self._turns = 0

    async def hold(self) -> None:
        """Renew the leases, leave what is lost and what a person has changed the way to, and take what nobody has."""
        if time.monotonic() - self._renewed_at >= leases.RENEW_S:
            ours = await self._room.first(leases.renew, self.holder, timezone.now())
            self._renewed_at = time.monotonic()
            for pool_id, task in self._tasks.items():
                held = self._held.get(pool_id)
                if pool_id not in ours or (held and ours[pool_id] != held.mark):
                    task.cancel()
            await self._room.work(leases.release_left, self.holder, set(ours) - set(self._tasks))
        self._turns += 1
        if self._turns % CLAIM_EACH:
            return
        for taken in await self._room.work(leases.claim, self.holder, timezone.now(), CLAIMS):
            task = asyncio.create_task(self._attend(taken), name=f"listening to pool {taken.pool_id}")
            self._tasks[taken.pool_id] = task
        self._room.lines = len(self._tasks)

    async def write_down(self) -> None:
        """That nothing has changed, of all whose masters said so since it was written last."""
        every = timedelta(seconds=settings.WATCH_INTERVAL)
        quiet = {
            pool_id: ear.heard_at
            for pool_id, ear in self._ears.items()
            if ear.all_told and ear.heard_at - self._written_at(pool_id) >= every
        }
        if quiet:
            await self._room.first(leases.heard, self.holder, quiet, min(quiet.values()))
            self._written.update(quiet)

    def _written_at(self, pool_id: int) -> datetime:
        return self._written.get(pool_id, NEVER)

    async def judge(self) -> None:
        """Pools whose time has come, or that somebody wants judged, although their masters tell nothing."""
        now = timezone.now()
        if self._ears:
            self._note(await self._room.work(leases.wanted, frozenset(self._tasks), now, JUDGE), now)
        # One that is just being judged, or whose master has said nothing since, stays wanted: what hurried it may have
        # come too late for that look.
        self._wanted = {pool_id: want for pool_id, want in self._wanted.items() if pool_id in self._tasks}
        for pool_id, want in list(self._wanted.items()):
            ear = self._ears.get(pool_id)
            if ear and not ear.lock.locked() and ear.heard_at > want.looked_at:
                del self._wanted[pool_id]
                by_itself = pool_id not in self._hurried
                self._hurried.discard(pool_id)
                if not (by_itself and ear.stored and await self._room.work(still, ear.stored, now)):
                    self._aside(ear.tell())

    def _note(self, wanted: dict[int, Want], now: datetime) -> None:
        """What is wanted from now on, and what of it only because its turn has come: nobody else moved that turn."""
        self._wanted |= wanted
        for pool_id, want in wanted.items():
            if want.due_at is None or want.due_at != self._due.get(pool_id):
                self._hurried.add(pool_id)
            if want.due_at is not None:
                self._due[pool_id] = now + JUDGE

    async def _attend(self, taken: Taken) -> None:
        """Listen to one pool until its line breaks, then leave it to the looks in turn."""
        rest: timedelta | None = None
        lasted = False
        try:
            rest = await self._listen_and_settle(taken)
        except asyncio.CancelledError:
            if self._closing:
                raise
            lasted = True
        except Exception:
            logger.exception("listening: pool %s", taken.pool_id)
        try:
            since = self._since.pop(taken.pool_id, None)
            lasted = lasted or (since is not None and time.monotonic() - since > LASTED_S)
            await self._room.work(leases.release, taken.pool_id, taken.fence, lasted=lasted, rest=rest)
        finally:
            # Once released it may have been taken anew already.
            if self._tasks.get(taken.pool_id) is asyncio.current_task():
                del self._tasks[taken.pool_id]
                self._held.pop(taken.pool_id, None)

    async def _listen_and_settle(self, taken: Taken) -> timedelta | None:
        """Until something is wrong, and then what has to be done about it. How long nobody should try again, where
        that is known."""
        try:
            await self._listen(taken)
        except Unable as error:
            logger.info("listening: pool %s cannot tell what changes (%s)", taken.pool_id, error)
            return UNABLE
        except Doubt as error:
            logger.warning("listening: pool %s is read anew: %s", taken.pool_id, error)
            await self._room.work(leases.forget, taken.pool_id, taken.fence)
        except ClientError as error:
            logger.info("listening: pool %s went silent: %s", taken.pool_id, error.code)
            await self._tell_why(self._held[taken.pool_id], error)
        return None

    async def _tell_why(self, held: Held, error: ClientError) -> None:
        """By a look at once. A refusal counts, and nothing is asked with that password again. Where nobody has looked
        yet a look in turn comes next: it has longer, and may have to find the master."""
        if error.code in REFUSALS:
            await self._room.work(leases.refused, held, trouble(error))
        if held.seen:
            await self._look(held.pool_id)

    async def _look(self, pool_id: int) -> None:
        """At once, or as soon as whoever judges the pool just now is done: what they heard is from before."""
        until = time.monotonic() + LOOK_S
        while not await self._room.look(watching.watch, pool_id, deadline_s=LOOK_S, afresh=True):
            if time.monotonic() > until:
                return
            await asyncio.sleep(BUSY_S)

    async def _listen(self, taken: Taken) -> None:
        async with self._openings:
            await unhurried()
            held = await self._room.judge(leases.held, taken)
            if held is None:
                return
            self._held[taken.pool_id] = held
            self._since[taken.pool_id] = time.monotonic()
            ear = await opened(self._room, self._http, held)
        self._held[taken.pool_id] = replace(held, seen=True)
        self._ears[taken.pool_id] = ear
        try:
            await ear.listen()
        except ClientError:
            # What members say from now on is held against this moment: who named the master before that may only not
            # have noticed yet.
            if ear.all_told:
                await self._room.work(leases.heard, self.holder, [taken.pool_id], ear.heard_at)
            raise
        finally:
            self._ears.pop(taken.pool_id, None)
            self._aside(ear.line.close())  # a silent master must not keep anybody from looking

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that nobody waits for; what goes wrong in it is logged."""
        self._asides.add(task := asyncio.create_task(work))
        task.add_done_callback(self._done_aside)

    def _done_aside(self, task: asyncio.Task[None]) -> None:
        self._asides.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("listening: a pool could not be judged", exc_info=error)

    async def close(self) -> None:
        """Hang up everywhere, and let others go on at once."""
        self._closing = True
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await asyncio.gather(*self._asides, return_exceptions=True)  # among them the farewells of those
        try:
            await self._room.work(leases.release_all, self.holder)
        except Exception:
            # They run out by themselves. Raised, it would take the cancellation's place: this part would start anew.
            logger.exception("listening: the leases could not be given back")
