"""event.from, and the older event.register, next and unregister (xapi_event.ml, event_types.ml).

A call that finds nothing to tell waits in real seconds, as its client does, outside the world's clock.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar
from weakref import WeakKeyDictionary, WeakSet

from lab.world import World
from lab.world.refusal import Refusal
from lab.world.things import Host, Pool, Session
from lab.xapi import datamodel, sessions
from lab.xapi.journal import Journal, changes, journal_of
from lab.xapi.records import KINDS, View
from lab.xapi.registry import Context, message
from lab.xapi.values import Int32, Record

TOKEN = re.compile(r"(\d{20}),(\d{20})")
BEGINNING = 0
WITHOUT_EVENTS = ("session",)
CLASSES = {name.lower(): name for name in KINDS if name not in WITHOUT_EVENTS}
LONGEST_PACE_SECONDS, SHORTEST_PACE_SECONDS = 60.0, 0.2
SHARE_OF_A_CORE = 0.05
DEAR_SECONDS = 2.0
"""Where all who listen must wait so long between two looks, nobody looks again before that unless somebody rings."""


class Interest:
    """What a client subscribed to: ``*``, classes, single objects (``task/OpaqueRef:…``), in any case of letters."""

    def __init__(self, words: list[str]) -> None:
        self._everything = "*" in words
        self._classes: set[str] = set()
        self._objects: set[tuple[str, str]] = set()
        for word in words:
            name, slash, ref = word.partition("/")
            if slash:
                self._objects.add((name.lower(), ref.lower()))
            else:
                self._classes.add(name.lower())

    def kinds(self, release: int) -> list[str]:
        """The classes to look at, those that the release has."""
        wanted = {*self._classes, *(name for name, _ref in self._objects)}
        found = (
            CLASSES.values() if self._everything else [CLASSES[name] for name in wanted if name in CLASSES]
        )
        return [name for name in found if datamodel.exists(name, release)]

    def covers(self, kind: str, ref: str) -> bool:
        name = kind.lower()
        return self._everything or name in self._classes or (name, ref.lower()) in self._objects


@dataclass
class Listening:
    """A question about the events of a pool, asked again and again until there is an answer or no time left."""

    world: World
    host: Host
    session: str
    interest: Interest
    since: int
    deadline: float  # of the monotonic clock

    waiting: ClassVar[int] = 0
    cost: ClassVar[float] = 0.0  # seconds that a look takes, lately

    @property
    def pool(self) -> Pool:
        return self.host.pool

    def answer(self) -> Any:
        """The batch, or None as long as there is nothing to tell. SESSION_INVALID once the session has ended."""
        began = time.perf_counter()
        self._assert_session()
        view, journal = View(self.world, self.pool), journal_of(self.pool)
        kinds = self.interest.kinds(view.release)
        if self._as_before(journal):
            found = []
        else:
            # The first token covers every class, so that who asks for more of them later misses nothing since.
            journal.look(view, kinds if journal.rows else Interest(["*"]).kinds(view.release))
            found = [
                one for one in changes(journal, kinds, self.since) if self.interest.covers(one[1], one[2])
            ]
            _LOOKED[self.pool] = time.monotonic(), _counts(view)
            Listening.cost += 0.1 * (time.perf_counter() - began - Listening.cost)
        if not found and time.monotonic() < self.deadline:
            return None
        return {
            "events": _events(view, found),
            "valid_ref_counts": _LOOKED[self.pool][1],
            "token": f"{journal.generation:020d},{journal.generation:020d}",
        }

    def _as_before(self, journal: Journal) -> bool:
        """Whether this one has been told everything up to a look after which nobody rang, in a world too large to look
        at each time that somebody asks."""
        looked_at, _counted = _LOOKED.get(self.pool, (0.0, {}))
        pace = _pace()
        recent = pace >= DEAR_SECONDS and time.monotonic() - looked_at < pace
        return recent and self.since == journal.generation

    def _assert_session(self) -> None:
        if self.session not in self.pool.sessions and self.session not in self.host.local_sessions:
            raise Refusal("SESSION_INVALID", self.session)

    async def wait(self) -> Any:
        """The batch, as soon as there is something to tell or the time is over."""
        _follow(self.world)
        Listening.waiting += 1
        try:
            while (batch := self.answer()) is None:
                await self._sleep()
        finally:
            Listening.waiting -= 1
        return batch

    async def _sleep(self) -> None:
        """Until somebody rings, or for so long that all who listen take a small share of a core together."""
        bell = _bell(self.pool)
        try:
            async with asyncio.timeout(max(0.0, min(_pace(), self.deadline - time.monotonic()))):
                await bell.wait()
        except TimeoutError:
            pass


def _pace() -> float:
    """Seconds between two looks at one pool."""
    pace = Listening.waiting * Listening.cost / SHARE_OF_A_CORE
    return min(max(pace, SHORTEST_PACE_SECONDS), LONGEST_PACE_SECONDS)


_LOOKED: WeakKeyDictionary[Pool, tuple[float, dict[str, Int32]]] = WeakKeyDictionary()
"""When a pool's journal looked last (monotonic), and the counts of then; nothing once somebody has rung since."""
_BELLS: WeakKeyDictionary[Pool, asyncio.Event] = WeakKeyDictionary()


def _bell(pool: Pool) -> asyncio.Event:
    bell = _BELLS.get(pool)
    if bell is None or bell.is_set():
        bell = _BELLS[pool] = asyncio.Event()
    return bell


def ring(pool: Pool) -> None:
    """Something may have changed in the pool: whoever waits for its events looks at once."""
    _LOOKED.pop(pool, None)
    bell = _BELLS.pop(pool, None)
    if bell is not None:
        bell.set()


_FOLLOWED: WeakSet[World] = WeakSet()


def _follow(world: World) -> None:
    """Let the world's own announcements ring as well."""
    if world not in _FOLLOWED:
        _FOLLOWED.add(world)
        world.listen(lambda what, thing: ring(thing if isinstance(thing, Pool) else thing.pool))


def _events(view: View, found: list[tuple[str, str, str, int]]) -> list[Record]:
    things = {
        name: {KINDS[name].ref(thing): thing for thing in KINDS[name].things(view.pool)}
        for name in {kind for _operation, kind, _ref, _generation in found}
    }
    events = []
    for operation, kind, ref, generation in found:
        event: Record = {
            "id": str(generation),
            "timestamp": "0.0",
            "class": kind.lower(),
            "operation": operation,
            "ref": ref,
        }
        if operation != "del":
            event["snapshot"] = KINDS[kind].record(view, things[kind][ref])
        events.append(event)
    return events


def _counts(view: View) -> dict[str, Int32]:
    """How many objects of each class there are, so that a client sees when it missed a deletion."""
    return {
        name.lower(): Int32(sum(1 for _ in kind.things(view.pool)))
        for name, kind in KINDS.items()
        if name != "message" and datamodel.exists(name, view.release)
    }


@message("event.from", "string set", "string", "float", can_be_async=False)
def from_(ctx: Context, classes: list[str], token: str, timeout: float) -> Record | Listening:
    """The events after the token, at most one for each object; if there are none, waits ``timeout`` real seconds."""
    match = TOKEN.fullmatch(token)
    if token and match is None:
        raise Refusal("EVENT_FROM_TOKEN_PARSE_FAILURE", token)
    since = int(match[1]) if match else BEGINNING
    deadline = time.monotonic() + timeout
    listening = Listening(ctx.world, ctx.host, ctx.session, Interest(classes), since, deadline)
    return listening.answer() or listening


@dataclass
class Registration:
    """What a session registered for with the older calls, and how far it has been told."""

    words: set[str] = field(default_factory=set)
    told: int | None = None


_REGISTRATIONS: WeakKeyDictionary[Session, Registration] = WeakKeyDictionary()


def _registration(ctx: Context) -> Registration:
    session = sessions.use(ctx.world, ctx.pool, ctx.session)
    return _REGISTRATIONS.setdefault(session, Registration())


@message("event.register", "string set", can_be_async=False)
def register(ctx: Context, classes: list[str]) -> None:
    """From now on, changes of these classes are told by event.next."""
    mine = _registration(ctx)
    mine.words |= set(classes)
    mine.told = _current(ctx, mine)


@message("event.unregister", "string set", can_be_async=False)
def unregister(ctx: Context, classes: list[str]) -> None:
    _registration(ctx).words -= set(classes)


@message("event.get_current_id", can_be_async=False)
def get_current_id(ctx: Context) -> int:
    return journal_of(ctx.pool).generation


def _current(ctx: Context, mine: Registration) -> int:
    view, journal = View(ctx.world, ctx.pool), journal_of(ctx.pool)
    journal.look(view, Interest(list(mine.words)).kinds(view.release))
    return journal.generation


class NextListening(Listening):
    """event.next: no token, no timeout, a bare list, and EVENTS_LOST for who comes back too late."""

    registration: Registration

    def answer(self) -> Any:
        if journal_of(self.pool).lost > self.since:
            self.registration.told = None
            raise Refusal("EVENTS_LOST")
        batch = super().answer()
        if batch is None:
            return None
        self.registration.told = journal_of(self.pool).generation
        return batch["events"]


@message("event.next", can_be_async=False)
def next_(ctx: Context) -> Any:
    """The events since the last call, as soon as there is one."""
    mine = _registration(ctx)
    if not mine.words:
        raise Refusal("SESSION_NOT_REGISTERED", ctx.session)
    if mine.told is None:
        mine.told = _current(ctx, mine)
    listening = NextListening(
        ctx.world, ctx.host, ctx.session, Interest(list(mine.words)), mine.told, float("inf")
    )
    listening.registration = mine
    return listening.answer() or listening
