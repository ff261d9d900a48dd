"""Listening to one master: a line that is held open, a mirror that follows what it tells, and what to do about it.

One `event.from` is always under way. It comes back as soon as something changed, and after some seconds with nothing: a
master that is silent for GRACE_S longer is in doubt, and an ordinary look, which asks all its members too, says what is
wrong. So does anything else that goes wrong here: an ear explains nothing, it stops.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import aiohttp
from django.conf import settings
from django.utils import timezone

from pools import watching
from pools.clients.errors import Refused, TimedOut
from pools.clients.json_reads import NoJsonHere
from pools.clients.line import Line
from pools.clients.xapi import Endpoint
from pools.lateness import TOO_LATE_S, in_time, lateness
from pools.listening import leases
from pools.listening.leases import Held
from pools.listening.room import Room
from pools.listening.whole import WHOLE_S, whole
from pools.mirror import CLASSES, Doubt, Mirror, applied, made_of, measured_otherwise, renewed, settled
from pools.reading.values import number
from pools.reading.xenserver import Made
from pools.rules import judge_all
from pools.rules.case import Finding, Obligations
from pools.seeing import Said
from pools.watching import Stored

logger = logging.getLogger(__name__)

POLL_S, MANY = 4.0, 200
"""How long a master may have nothing to tell, in seconds; longer in proportion where there are more than so many pools,
up to a look's interval. A frozen one may answer once more what it was asked before: it is found within two polls, the
grace, and the look that follows."""
GRACE_S = 2.0
"""What the way there and back may take beyond that; half the poll where that is more."""
PATIENT_S = 30.0
"""How long a poll is waited for while this process is late itself."""
CALL_S = 5.0
FIRST_ANSWER_S = 6.0
FIRST_S = 30.0
"""The first batch has every message that the master keeps; in silence it is given no longer than any other."""
FULL_S, FULL_EACH_S = 300.0, 0.5
"""So often a full look takes the mirror's place, and so much more seldom for each pool where there are many: two of
them begin in a second at most."""
PACE_S = 1.0
"""Between two judgements because of events: what comes meanwhile comes together."""
BUSY_S = 0.3
BREATH_S = 0.1
IDLE_CLASSES = frozenset({"task", "sr"})
"""Their records change all the time and mean little: progress, sizes. They wait for the turn of a look."""


def still(stored: Stored, now: datetime) -> bool:
    """Whether a person would read the same now, if nothing else is otherwise: time alone is asked what it changes. What
    the workflows owe changes by itself: with that it is not known."""
    case = stored.case
    if case.obligations != Obligations():
        return False
    facts = replace(case.facts, at=now)
    later = judge_all(replace(case, now=now, good_at=now, facts=facts, known=facts))
    return [_words(f) for f in later] == [_words(f) for f in stored.findings]


def _words(finding: Finding) -> tuple[tuple[str, str], str, str]:
    return finding.key, finding.severity, finding.says


def poll_of(lines: int) -> float:
    """Seconds of a poll where so many lines are open."""
    return min(POLL_S * max(1.0, lines / MANY), settings.WATCH_INTERVAL)


class Unable(Exception):
    """This master does not offer what listening needs."""


@dataclass(slots=True)
class Ear:
    """One pool that we listen to. `heard_at` is when its master said something last."""

    held: Held
    room: Room
    line: Line
    mirror: Mirror
    full_at: float
    """Of the monotonic clock, as `told_at`."""
    heard_at: datetime
    untold: bool = True
    """Whether the mirror has what no judgement has seen yet; `urgent` when that should not wait."""
    urgent: bool = True
    unkept: bool = False
    """Whether the mirror has what the one that was put down has not."""
    told_at: float = 0.0
    stored: Stored | None = None
    """The last judgement."""
    made: Made | None = None
    """What the facts of that were made of."""
    telling: asyncio.Task[None] | None = None
    over: bool = False
    """The line is broken: what was heard over it is no news any more."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def all_told(self) -> bool:
        """Whether all that was heard is stored."""
        return not self.untold and not self.lock.locked()

    async def listen(self) -> None:
        """Until the line breaks. Raises ClientError, Doubt or Unable."""
        try:
            while True:
                await self._follow()
                self._have_it_told()
                if self.untold:
                    await asyncio.sleep(BREATH_S)
                # While others have theirs it goes on listening: a thousand may be due together, as after a start.
                if time.monotonic() - self.full_at > self._full_every() and not self.room.round.locked():
                    await self._look_fully()
        finally:
            self.over = True
            if self.telling is not None:
                self.telling.cancel()

    def _have_it_told(self) -> None:
        """Beside the listening: a thousand may wait to be judged, and their masters are heard meanwhile."""
        if self.telling is not None and self.telling.done():
            self.telling.result()
            self.telling = None
        waits = self.untold and time.monotonic() - self.told_at >= settings.WATCH_INTERVAL
        if self.telling is None and (self.urgent or waits):
            self.telling = asyncio.create_task(self._tell_all(), name=f"telling of pool {self.held.pool_id}")

    async def _tell_all(self) -> None:
        """What is to be told, and what became urgent meanwhile."""
        while self.untold and not self.over:
            await asyncio.sleep(self.told_at + PACE_S - time.monotonic())
            await self.tell()
            if not self.urgent:
                return

    def _full_every(self) -> float:
        return max(FULL_S, self.room.lines * FULL_EACH_S)

    async def _follow(self) -> None:
        """One poll, and what it told."""
        before = self.mirror
        poll_s = poll_of(self.room.lines)
        silent_s = poll_s + max(GRACE_S, poll_s / 2)
        at_once = bool(before.uneven) or not before.others
        said = ("event.from", list(CLASSES), before.token, 0.0 if at_once else poll_s)
        try:
            if at_once:
                batch = await self._ask(*said, seconds=FIRST_S, silent_s=silent_s)
            else:
                batch = await in_time(self._ask(*said, seconds=PATIENT_S), silent_s, PATIENT_S)
        except (TimedOut, TimeoutError):
            if lateness.within(silent_s) > TOO_LATE_S:
                return  # it may have answered, and we were late to hear it: the next poll tells
            raise TimedOut("read", self.line.place, silent_s) from None
        self._heard()
        after = applied(before, batch)
        if after.restless:
            after = settled(after, await self._free_memory(after))
        self.unkept = self._take(after) or self.unkept

    def _take(self, after: Mirror) -> bool:
        """Go on with this mirror. True when its records are others."""
        before, self.mirror = self.mirror, after
        changed = {name for name, kept in after.records.items() if kept is not before.records.get(name)}
        self.untold = self.untold or bool(changed) or measured_otherwise(before, after)
        self.urgent = self.urgent or bool(changed - IDLE_CLASSES)
        return bool(changed)

    async def _free_memory(self, mirror: Mirror) -> dict[str, int | None]:
        hosts = [ref for ref in sorted(mirror.restless) if ref in mirror.records["host"]]
        return {ref: await self._free(ref) for ref in hosts}

    async def _free(self, ref: str) -> int | None:
        with suppress(Refused):
            return number(await self._ask("host.compute_free_memory", ref, seconds=CALL_S))
        return None

    async def _ask(self, call: str, *args: Any, seconds: float, silent_s: float | None = None) -> Any:
        try:
            return await self.line.call(call, *args, seconds=seconds, silent_s=silent_s)
        except Refused as no:
            if call == "event.from" and no.code.startswith("EVENT"):
                raise Doubt(no.code) from None
            raise

    async def tell(self) -> None:
        """Have what the mirror says judged and remembered."""
        async with self.lock:
            self.untold = self.urgent = False
            self.told_at = time.monotonic()
            while not await self.room.judge(self._tell, self.mirror):
                await asyncio.sleep(BUSY_S)

    def _tell(self, mirror: Mirror) -> bool:
        if self.over:
            return True  # whoever asks what is wrong must not be followed by this
        self.made = made_of(mirror, timezone.now(), self.made)
        stored = watching.tell(self.held.pool_id, Said(self.made.facts, mirror.gaps), self.stored)
        self.stored = stored or self.stored
        return stored is not None

    async def _look_fully(self) -> None:
        """What the master has now takes the mirror's place. Most times it is the same, and nobody need judge it."""
        try:
            async with self.room.round:
                fresh = await whole(self.line, self.mirror.token, self.held.uuid, self._heard)
        except TimeoutError:
            logger.warning("listening: pool %s takes too long to be read anew", self.held.pool_id)
            fresh = None
        self.full_at = time.monotonic()
        if fresh is not None:
            self.unkept = self._take(await self.room.judge(renewed, fresh, self.mirror)) or self.unkept
            await self.keep()

    async def keep(self) -> None:
        """Put down that a full look stands behind the mirror, and the mirror itself if it is another by now."""
        await self.room.judge(
            leases.keep,
            self.held.pool_id,
            self.held.fence,
            self.mirror if self.unkept else None,
            timezone.now(),
        )
        self.unkept = False

    def _heard(self) -> None:
        self.heard_at = timezone.now()


async def opened(room: Room, http: aiohttp.ClientSession, held: Held) -> Ear:
    """A line to the master, and the mirror to begin with. Raises as `listen`."""
    line = await _logged_in(http, held.way)
    try:
        if held.mirror and held.full_at and await _goes_on(line, held.mirror):
            age = (timezone.now() - held.full_at).total_seconds()
            return Ear(held, room, line, held.mirror, time.monotonic() - age, timezone.now())
        first = await line.call("event.from", ["pool", "task"], "", 0.0, seconds=FIRST_ANSWER_S)
        async with room.round:
            mirror = await whole(line, _token(first), held.uuid)
        ear = Ear(held, room, line, mirror, time.monotonic(), timezone.now(), unkept=True)
        await ear.keep()
        return ear
    except TimeoutError:
        await line.close()
        raise TimedOut("read", line.place, WHOLE_S) from None
    except Refused as no:
        await line.close()
        if no.code in ("MESSAGE_METHOD_UNKNOWN", "RBAC_PERMISSION_DENIED"):
            raise Unable(no.code) from None
        raise
    except BaseException:
        await line.close()
        raise


async def _logged_in(http: aiohttp.ClientSession, way: Endpoint) -> Line:
    """A session with the master: the first address, or whom that one names."""
    line = Line(http, way, way.addresses[0])
    try:
        try:
            await line.login()
        except Refused as no:
            if no.code != "HOST_IS_SLAVE" or not no.params:
                raise
            line = Line(http, way, no.params[0])
            await line.login()
    except NoJsonHere:
        raise Unable("no JSON-RPC") from None
    return line


def _token(batch: Any) -> str:
    token = batch.get("token") if isinstance(batch, dict) else None
    if not isinstance(token, str):
        raise Doubt("no token in its first answer")
    return token


async def _goes_on(line: Line, mirror: Mirror) -> bool:
    """Whether the master is the one, and started when, that the mirror is of: else its token means nothing."""
    ((ref, pool),) = mirror.records["pool"].items()
    master = pool.get("master")
    with suppress(Refused):
        if await line.call("pool.get_master", ref, seconds=CALL_S) != master:
            return False
        now = await line.call("host.get_other_config", master, seconds=CALL_S)
        was = mirror.records["host"].get(str(master), {}).get("other_config") or {}
        return isinstance(now, dict) and now.get("agent_start_time") == was.get("agent_start_time")
    return False
