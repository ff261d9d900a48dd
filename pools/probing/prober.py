"""The prober: one part of the watch's loop, which asks every member in its turn and tells when one says something new.

It decides nothing. What it hears is stored beside the pool and used by the next look, which it asks for at once when
an answer is another than the last: a new master is followed as soon as one member names it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from django.utils import timezone

from pools.clients.asking import ask, touch
from pools.clients.errors import LoginRefused
from pools.facts import Probe
from pools.hurrying import look_soon
from pools.lateness import BUSY_S, TOO_LATE_S, lateness
from pools.listening.room import Room
from pools.probing import store
from pools.probing.members import Member, Watched
from pools.probing.pace import Pace, pace

TICK_S, GLANCE_S, RELOAD_S, SAVE_S, SAVES_S = 0.2, 1.0, 5.0, 60.0, 10.0
"""Seconds: how finely turns are kept, how soon a doubt is known of, how soon a new pool or another way to one is, how
old a stored age may be, and how far apart ages are stored."""
IN_FLIGHT = 400
"""Questions under way at once: each holds a socket, and one that hangs holds it for some seconds."""


async def probing(room: Room) -> None:
    """Until cancelled."""
    await Prober(room).run()


class Prober:
    """All pools. Belongs to one loop."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._pools: dict[int, Watched] = {}
        self._marks: dict[int, tuple[Any, ...]] = {}
        self._pace = pace(0, 0, 0)
        self._under_way: set[asyncio.Task[None]] = set()
        self._news: set[int] = set()
        """Pools of whose members one has said something new."""
        self._glance_at = self._reload_at = self._ages_at = 0.0
        self._troubled = store.NOBODY

    async def run(self) -> None:
        """Until cancelled; then nothing is left under way."""
        try:
            while True:
                await self._turn(asyncio.get_running_loop().time())
                await asyncio.sleep(TICK_S)
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _turn(self, now: float) -> None:
        if now >= self._glance_at:
            self._glance_at = now + GLANCE_S
            await self._glance(now)
        self._ask_round(now)
        await self._tell_news()
        await self._save(now)

    def _ask_round(self, now: float) -> None:
        """Whoever is due. While this process is late with its work, only where a master is in doubt."""
        late = lateness.within(1.0) > BUSY_S
        for watched in self._pools.values():
            if len(self._under_way) >= IN_FLIGHT:
                return
            if watched.doubtful or not late:
                for member, fully in watched.due(now, self._pace):
                    self._begin(watched, member, fully=fully)

    async def _tell_news(self) -> None:
        """All that came since the last turn together: when a network goes, hundreds have news at once."""
        told = [watched for pk, watched in self._pools.items() if pk in self._news]
        self._news.clear()
        if told:
            await self._room.work(_tell, [_heard(watched) for watched in told])

    async def _glance(self, now: float) -> None:
        """Read all pools when it is time, when a doubt came or went, or while there is news that no look has seen."""
        troubled = await self._room.work(store.troubled)
        news = any(watched.news_at for watched in self._pools.values())
        if now >= self._reload_at or news or troubled != self._troubled:
            self._troubled, self._reload_at = troubled, now + RELOAD_S
            await self._reload(now)

    async def _reload(self, now: float) -> None:
        rows = await self._room.work(store.known, dict(self._marks))
        self._take(rows, now)
        # A look that was under way when the news came has not seen it, and kept another from beginning.
        news = [watched for watched in self._pools.values() if watched.news_at]
        looked_at = await self._room.work(store.looked_at, [w.pool_id for w in news]) if news else {}
        if unseen := [w.pool_id for w in news if w.looked(looked_at.get(w.pool_id))]:
            await self._room.work(look_soon, *unseen)

    def _take(self, rows: list[store.Known], now: float) -> None:
        """What is stored of the pools now."""
        self._pace = self._paced(rows)
        self._marks = {row.pool_id: row.mark for row in rows}
        before, self._pools = self._pools, {}
        for row in rows:
            watched = before.get(row.pool_id)
            if row.way is not None:
                watched = watched or Watched(row.pool_id, row.way)
                watched.follow(row.way, now, self._pace, str(row.mark[store.KEY]))
            if watched is not None:
                self._pools[row.pool_id] = watched
                watched.refused, watched.paused = row.refused, row.paused
                watched.doubt(doubtful=row.doubtful and not row.refused)

    def _paced(self, rows: list[store.Known]) -> Pace:
        hosts = {r.pool_id: len(r.way.addresses) if r.way else self._members_of(r.pool_id) for r in rows}
        doubtful = [r.pool_id for r in rows if r.doubtful and not r.refused]
        return pace(sum(hosts.values()), len(doubtful), sum(hosts[pk] for pk in doubtful))

    def _members_of(self, pool_id: int) -> int:
        watched = self._pools.get(pool_id)
        return len(watched.members) if watched else 0

    def _begin(self, watched: Watched, member: Member, *, fully: bool) -> None:
        member.busy = True
        self._start(self._one(watched, member, fully=fully))
        if fully and watched.through(member, asyncio.get_running_loop().time()):
            self._start(self._witness(watched, member))

    def _start(self, question: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(question)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _one(self, watched: Watched, member: Member, *, fully: bool) -> None:
        try:
            if not (fully and member.front.open) and await touch(member.address, watched.way.port):
                watched.touched(member, timezone.now())
                return
            self._take_answer(watched, member, probe := await self._ask(watched, member))
            let_in = probe.master == member.address
            if probe.code == LoginRefused.code or (watched.paused and let_in):
                # First of all: until it is stored the others come with the same password.
                watched.refused, watched.paused = not let_in, not let_in
                await self._room.work(store.answered, watched.pool_id, watched.key, probe)
        finally:
            member.busy = False

    def _take_answer(self, watched: Watched, member: Member, probe: Probe) -> None:
        if not probe.answers and lateness.within(probe.seconds or 0.0) > TOO_LATE_S:
            # It may have answered, and we were late to hear it.
            watched.again(member, asyncio.get_running_loop().time(), self._pace)
        elif watched.heard(member, probe, timezone.now()):
            self._news.add(watched.pool_id)

    async def _witness(self, watched: Watched, member: Member) -> None:
        """Beside the quick questions: where the master is gone, this answer takes as long as we are ready to wait."""
        said = await ask(member.address, watched.way, through=True, door=member.door)
        self._take_answer(watched, member, said)

    async def _ask(self, watched: Watched, member: Member) -> Probe:
        before = member.probe
        master = member.address == watched.way.addresses[0]
        wary = master or (before is not None and not before.answers and before.reached == "tls")
        login = not watched.refused and member.front.open
        front = member.front if wary else None
        return await ask(member.address, watched.way, login=login, wary=wary, door=member.door, front=front)

    async def _save(self, now: float) -> None:
        """Whoever has news, and once a minute the others: that they still answer."""
        aged = now - SAVE_S if now >= self._ages_at else float("-inf")
        self._ages_at = now + SAVES_S if now >= self._ages_at else self._ages_at
        since = now - GLANCE_S  # news is stored at once, in `_tell_news`
        due = [w for w in self._pools.values() if w.saved_at <= (since if w.changed else aged)]
        if not due:
            return
        for watched in due:
            watched.changed, watched.saved_at = False, now
        await self._room.work(store.save, [_heard(w) for w in due], timezone.now())


def _heard(watched: Watched) -> store.Heard:
    return store.Heard(watched.pool_id, watched.probes(), watched.silent_since)


def _tell(heard: list[store.Heard]) -> None:
    """Stored first: the looks that follow must find it."""
    store.save(heard, timezone.now())
    look_soon(*(h.pool_id for h in heard))
