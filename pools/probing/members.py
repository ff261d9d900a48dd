"""What the prober knows of one pool: the way to it, how each member answered last, and which is due. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from pools.clients.asking import Door
from pools.clients.xapi import Endpoint
from pools.facts import Probe
from pools.probing.known import completed
from pools.probing.pace import SILENT_S, THROUGH_S, WITNESSES, Pace, place
from pools.rules.patience import patience


@dataclass(slots=True)
class Member:
    """One address. Moments are those of the loop's clock, in seconds."""

    address: str
    probe: Probe | None = None
    touched_at: float = 0.0
    asked_at: float = 0.0
    through_at: float = float("-inf")
    busy: bool = False
    door: Door = field(default_factory=Door)
    front: Door = field(default_factory=Door)
    """For local logins, and for those at the master."""


@dataclass(slots=True)
class Watched:
    """One pool. `doubtful`: its master could not be read the last time; `refused`: nobody may log in for now; `paused`:
    so it was until now, and nobody has been let in since."""

    pool_id: int
    way: Endpoint
    doubtful: bool = False
    refused: bool = False
    paused: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    silent_since: datetime | None = None
    key: str = ""
    """The password as it is sealed."""
    next_at: float = 0.0
    saved_at: float = float("-inf")
    changed: bool = True
    news_at: datetime | None = None
    """When something was heard that no look has seen yet."""

    def follow(self, way: Endpoint, now: float, pace: Pace, key: str = "") -> None:
        """Members come and go; who is new is asked within its share of the first round. `key` is another one when the
        password may be: then a member that refused the old one is tried again."""
        if key != self.key:
            self.key = key
            for member in self.members.values():
                member.door, member.front = Door(), Door()
        self.way, known = way, self.members
        self.members = {a: known.get(a) or _newcomer(a, now, pace) for a in way.addresses}
        self.next_at = 0.0

    def doubt(self, *, doubtful: bool) -> None:
        """From now on its members are asked often, or seldom again."""
        if doubtful == self.doubtful:
            return
        self.doubtful, self.next_at, self.changed = doubtful, 0.0, True
        for member in self.members.values():
            # What one read through the master in an earlier doubt proves nothing.
            member.probe = replace(member.probe, sees_master=None) if member.probe else None
            member.through_at = float("-inf")

    def due(self, now: float, pace: Pace) -> Iterator[tuple[Member, bool]]:
        """Who is to be asked now (True) or touched (False), each moved on to its next turn."""
        if now < self.next_at:
            return
        self.next_at = now + pace.touch_s
        for member in self.members.values():
            ask_at = member.asked_at + self._every(member, pace)
            touch_at = member.touched_at + pace.touch_s
            if not member.busy and now >= ask_at:
                member.asked_at = member.touched_at = now
                yield member, True
            elif not member.busy and now >= touch_at:
                member.touched_at = now
                yield member, False
            else:
                self.next_at = min(self.next_at, max(now, min(ask_at, touch_at)))
                continue
            self.next_at = min(self.next_at, now + self._every(member, pace))

    def _every(self, member: Member, pace: Pace) -> float:
        if not self.doubtful:
            probe = member.probe
            amiss = probe is not None and (not probe.answers or probe.emergency)
            return min(pace.ask_s, max(SILENT_S, pace.member_s)) if amiss else pace.ask_s
        return pace.master_s if member.address == self.way.addresses[0] else pace.member_s

    def through(self, member: Member, now: float) -> bool:
        """Whether to ask that member for something that only its master can tell. Some of them, now and then: where
        the master is gone, the answer takes as long as we are ready to wait."""
        few = member.address in self.way.addresses[1 : 1 + WITNESSES]
        if not (self.doubtful and few and now - member.through_at >= THROUGH_S):
            return False
        member.through_at = now
        return True

    def heard(self, member: Member, probe: Probe, at: datetime) -> bool:
        """Take an answer. True when it is worth a look: it says something else than the last one, or somebody has been
        silent for long enough now."""
        before = member.probe
        probe = completed(probe, before) if before else probe
        if before and self.doubtful and probe.sees_master is None and probe.master == before.master:
            probe = replace(probe, sees_master=before.sees_master)
        same = before is not None and _says(before) == _says(probe)
        since = before.since if before and same else at
        member.probe = replace(probe, at=at, since=since)
        nobody = all(m.probe is not None and not m.probe.answers for m in self.members.values())
        self.silent_since = (self.silent_since or at) if nobody else None
        news = before is not None and (not same or _ripens(before, member.probe))
        self.news_at = at if news else self.news_at
        self.changed = self.changed or news or self.doubtful or before is None
        return news

    def again(self, member: Member, now: float, pace: Pace) -> None:
        """What was heard is not to be relied on: it is asked once more, within its share of a round."""
        member.asked_at = now + place(member.address) * pace.first_s - self._every(member, pace)
        self.next_at = 0.0

    def looked(self, at: datetime | None) -> bool:
        """That a look began at that moment. True when there is news that it could not see: then another is due."""
        if self.news_at and at and at >= self.news_at:
            self.news_at = None
        return self.news_at is not None

    def touched(self, member: Member, at: datetime) -> None:
        """It still takes connections: what it said last stands. Silence grows old, as it may have ended."""
        if member.probe is not None and member.probe.answers:
            member.probe = replace(member.probe, at=at)

    def probes(self) -> tuple[Probe, ...]:
        """How each member answered last, as far as it was asked."""
        return tuple(m.probe for m in self.members.values() if m.probe is not None)


def _newcomer(address: str, now: float, pace: Pace) -> Member:
    return Member(address, touched_at=now, asked_at=now + place(address) * pace.first_s - pace.ask_s)


def _says(probe: Probe) -> tuple[object, ...]:
    return probe.answers, probe.master, probe.emergency, probe.code, probe.sees_master, probe.reached


def _ripens(before: Probe, probe: Probe) -> bool:
    """Whether it has just been silent for longer than a restart takes."""
    if probe.answers or before.at is None or probe.since is None or probe.at is None:
        return False
    ripe = probe.since + patience(probe.code)
    return before.at < ripe <= probe.at
