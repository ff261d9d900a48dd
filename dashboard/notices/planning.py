"""What is news to a route: pure, from what is open now and what the route was told before.

A trouble is what has one cause: a silent master with what CloudStack makes of it, a broken host with all that is true
of it, the console's own network, or one CloudStack, in however many pools. It has parts, each the findings of one code
on one pool. A route hears of a trouble once when it begins, again when it becomes worse (more severe, on another host,
its cause found) or has something to be done that was to be waited for before; once when all of it is over; and as a
reminder while nobody has said that they know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard.notices.vocabulary import (
    Beside,
    Estate,
    Key,
    Kind,
    Known,
    News,
    Part,
    Told,
    Trouble,
    Wish,
)
from pools.rules import RANK

HOLD = timedelta(seconds=5)
"""A trouble is this old before it is told, so that what one look finds on several hosts is one message."""
SHARED_HOLD = timedelta(seconds=30)
"""The same for what many pools share, and for several masters that fall silent together, which it may be: within this
time each pool is looked at."""
SETTLES = timedelta(minutes=5)
"""What is left of a trouble so long after its cause is over is told: CloudStack takes its hosts back within 4 min."""
SEEN_NOW_AS = {
    "master-suspect": ("console-cut-off", "master-unreachable"),
    "master-unreachable": ("console-cut-off", "master-suspect"),
}
"""The first is not over when one of the others takes its place on that pool: the same is understood better."""


def news(estate: Estate, told: Iterable[Told], wish: Wish) -> tuple[list[News], Known]:
    """What this route is to be told now, worst first, and what it knows from then on."""
    route = _Route(estate, told, wish)
    said = [each for trouble in route.troubles() if (each := route.hear(trouble))]
    mended = list(route.mended())
    return said + mended, route.known


class _Route:
    """One route at one moment: `known` is what it knows, and changes as it hears."""

    def __init__(self, estate: Estate, told: Iterable[Told], wish: Wish) -> None:
        self.estate, self.wish = estate, wish
        self.known = _seen_now(told, estate)
        self._past: dict[str, list[Told]] = defaultdict(list)
        for each in self.known.values():
            if each.over_at:
                self._past[_name_of(each)].append(each)
        self._taken: set[str] = set()
        fresh = (t for t in estate.troubles if estate.now - t.head.since < SHARED_HOLD)
        self._several_silent = sum(trouble.head.code in SEEN_NOW_AS for trouble in fresh) > 1

    def troubles(self) -> list[Trouble]:
        """Those that it may hear of, worst first: its zones, and of each trouble only what is not silenced."""
        found = [Trouble(parts) for each in self.estate.troubles if (parts := tuple(self._audible(each)))]
        return sorted(found, key=lambda t: (RANK[t.severity], t.since, t.head.pool))

    def hear(self, trouble: Trouble) -> News | None:
        """The message about it, if there is one; parts that only go with what was told are learnt quietly."""
        mine = {part.key: self.known[part.key] for part in trouble.parts if part.key in self.known}
        kind, past = self._kind(trouble, mine), self._over_of(mine)
        said = _of(trouble, kind, mine, past, self.wish) if kind else None
        if kind or mine:
            self._learn(trouble, mine, told=kind is not None)
        if kind is Kind.STUCK:  # the reminder said what is over
            for each in past:
                del self.known[each.key]
        return said

    def mended(self) -> Iterator[News]:
        """Over is what no captain shows any more: a trouble that a run has come to expect is not over yet; nor is one
        of which anything else is left that this route wants to hear of."""
        groups: dict[str, list[Told]] = defaultdict(list)
        for told in self.known.values():
            groups[_name_of(told)].append(told)
        for group in sorted(groups.values(), key=lambda group: (group[0].pool, group[0].code)):
            left = any(told.key in self.estate.open and self.wish.wants(told.severity) for told in group)
            if not left:
                yield _over(group, self.estate, self.wish)
            for told in group:
                if not left or (told.over_at and not told.cause):
                    del self.known[told.key]

    def _audible(self, trouble: Trouble) -> Iterator[Part]:
        """Where its cause is silenced, so is what goes with it in that pool, unless that is more severe."""
        silenced = {
            part.pool_id: RANK[part.severity] for part in trouble.cause if self.estate.is_quiet(*part.key[:2])
        }
        for part in trouble.parts:
            here = not self.wish.zones or part.zone in self.wish.zones
            covered = RANK[part.severity] >= silenced.get(part.pool_id, len(RANK))
            if here and not covered and not self.estate.is_quiet(*part.key[:2]):
                yield part

    def _kind(self, trouble: Trouble, mine: Mapping[Key, Told]) -> Kind | None:
        if not self.wish.wants(trouble.severity):
            return None
        standing = [told for told in mine.values() if told.over_at is None]
        if not standing:
            kind = Kind.WORSE if mine else Kind.NEW
            return kind if self._lasts(trouble, trouble.since) else None
        if _is_new(trouble, mine):
            return Kind.WORSE if self._lasts(trouble, min(part.since for part in trouble.cause)) else None
        if _is_worse(trouble, mine, standing):
            return Kind.WORSE
        return Kind.STUCK if self._reminds(trouble, standing) or self._is_left(mine) else None

    def _lasts(self, trouble: Trouble, since: datetime) -> bool:
        head = trouble.head
        may_be_shared = self._several_silent and head.code in SEEN_NOW_AS
        return self.estate.now - since >= (SHARED_HOLD if head.shared or may_be_shared else HOLD)

    def _reminds(self, trouble: Trouble, standing: Iterable[Told]) -> bool:
        if self.wish.remind is None or self.estate.is_known(trouble):
            return False
        return self.estate.now - max(told.at for told in standing) >= self.wish.remind

    def _is_left(self, mine: Mapping[Key, Told]) -> bool:
        """Its cause is over for some time, and this is still there. Who wants no reminders waits until all is over."""
        ended = [told.over_at for told in self._over_of(mine) if told.cause and told.over_at]
        return Kind.STUCK in self.wish.kinds and any(self.estate.now - at >= SETTLES for at in ended)

    def _over_of(self, mine: Mapping[Key, Told]) -> list[Told]:
        """What was told as of the same trouble, and is over."""
        names = {_name_of(told) for told in mine.values()}
        past = (told for name in sorted(names) for told in self._past.get(name, ()))
        return [told for told in past if told.key in self.known and told.key not in mine]

    def _learn(self, trouble: Trouble, mine: Mapping[Key, Told], *, told: bool) -> None:
        """Without a message, what stands stays as it was told, and a new cause waits until it has lasted."""
        cause = {part.key for part in trouble.cause}
        waits = cause if _is_new(trouble, mine) else set()
        name = self._name(trouble, mine)
        at = self.estate.now if told else max(each.at for each in mine.values())
        self.known |= {key: replace(each, trouble=name) for key, each in mine.items()}
        for part in trouble.parts:
            if told or (_stands(part, mine) is None and part.key not in waits):
                self.known[part.key] = Told(
                    *(part.pool_id, part.pool, part.code, part.severity, part.says, part.subjects),
                    *(at, part.remedy, part.run, part.shared, name),
                    cause=part.key in cause,
                )

    def _name(self, trouble: Trouble, mine: Mapping[Key, Told]) -> str:
        """As it was told; a trouble that has come apart has a name for each of its halves."""
        head = trouble.head
        names = [_name_of(each) for each in mine.values()]
        name = next((each for each in names if each not in self._taken), None)
        name = name or head.shared or f"{head.pool_id}:{head.code}"
        while name in self._taken:
            name += "+"
        self._taken.add(name)
        return name


def _seen_now(told: Iterable[Told], estate: Estate) -> Known:
    """What was told, by what it is seen as now; with the moment at which a part was found to be over."""
    by_code = {key[:2]: key for key in estate.open}
    found: Known = {}
    for each in told:
        if each.key in estate.open:
            found[each.key] = each
            continue
        codes = ((each.pool_id, code) for code in SEEN_NOW_AS.get(each.code, ()))
        key = next((by_code[pair] for pair in codes if pair in by_code), None)
        if key is None:
            found.setdefault(each.key, replace(each, over_at=each.over_at or estate.now))
        else:
            found.setdefault(key, replace(each, code=key[1], shared=key[2], subjects=(), over_at=None))
    return found


def _is_new(trouble: Trouble, mine: Mapping[Key, Told]) -> bool:
    """Whether its cause was not told, in whatever pool: not at all, of the past, or as each pool's own trouble."""
    told = [_stands(part, mine) for part in trouble.cause]
    return not any(each and (each.subjects or not trouble.head.shared) for each in told)


def _is_worse(trouble: Trouble, mine: Mapping[Key, Told], standing: Iterable[Told]) -> bool:
    """More severe, by itself or by what follows, on another host, or something is to be done about it now."""
    if RANK[trouble.severity] < min(RANK[told.severity] for told in standing):
        return True
    told = _stands(trouble.head, mine)
    if told and RANK[trouble.head.severity] < RANK[told.severity]:
        return True
    return any(_spreads(part, mine) or _is_due(part, mine) for part in trouble.parts)


def _stands(part: Part, mine: Mapping[Key, Told]) -> Told | None:
    """What the route knows of it, and not as over."""
    told = mine.get(part.key)
    return told if told and told.over_at is None else None


def _spreads(part: Part, mine: Mapping[Key, Told]) -> bool:
    """Another host has it; of what only follows, and of what pools share, that is no news."""
    told = mine.get(part.key)
    if told is None or not told.subjects or part.follows or part.shared:
        return False
    return bool(set(part.subjects) - set(told.subjects))


def _is_due(part: Part, mine: Mapping[Key, Told]) -> bool:
    """What was to be waited for, as for XenServer's own election, is a workflow's now; or its run lies ready."""
    told = mine.get(part.key)
    if told is None:
        return False
    waited = " " in told.remedy and part.remedy != "" and " " not in part.remedy
    return waited or (part.run is not None and part.run != told.run)


def _name_of(told: Told) -> str:
    return told.trouble or told.shared or f"{told.pool_id}:{told.code}"


def _of(trouble: Trouble, kind: Kind, mine: Mapping[Key, Told], over: Iterable[Told], wish: Wish) -> News:
    head = trouble.head
    beside = {p.code: Beside(p.code, p.says) for p in reversed(trouble.parts) if p.code != head.code}
    past = {told.code: Beside(told.code, told.says, over=True) for told in over}
    was = [told.severity for told in mine.values()]
    return News(
        kind=kind,
        pool_id=head.pool_id,
        pool=head.pool,
        code=head.code,
        severity=trouble.severity,
        was=min(was, key=RANK.__getitem__) if was else None,
        says=head.says,
        remedy=next((part.remedy for part in trouble.parts if part.remedy), ""),
        subjects=head.subjects,
        since=head.since,
        run=next((part.run for part in trouble.parts if part.run), None),
        due=any(_is_due(part, mine) for part in trouble.parts),
        quietly=kind not in wish.kinds,
        shared=head.shared,
        pools=_names(part.pool for part in trouble.cause),
        beside=(*reversed(beside.values()), *past.values()),
    )


def _over(group: list[Told], estate: Estate, wish: Wish) -> News:
    """The message is under the name by which the trouble was told last."""
    head = min(group, key=lambda told: (not told.cause, RANK[told.severity]))
    beside = {told.code: Beside(told.code, told.says, over=True) for told in group if told.code != head.code}
    return News(
        kind=Kind.MENDED,
        pool_id=head.pool_id,
        pool=head.pool,
        code=head.code,
        severity=head.severity,
        was=head.severity,
        says=head.says,
        remedy="",
        subjects=head.subjects,
        since=head.at,
        quietly=Kind.MENDED not in wish.kinds or estate.is_quiet(head.pool_id, head.code),
        shared=head.shared,
        pools=_names(told.pool for told in group if told.shared == head.shared),
        beside=tuple(beside.values()),
    )


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
