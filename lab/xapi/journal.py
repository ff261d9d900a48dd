"""What changed in a pool's database, found by comparing it with itself.

Physics may touch anything at any time, so nothing is announced to a journal: whoever asks makes it look, and only at
the classes asked for. A pool that nobody listens to costs nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from lab.world.things import Pool
from lab.xapi.records import KINDS, Kind, View
from lab.xapi.values import Record

DELETIONS_KEPT = 1000  # db_cache_types.ml
IN_MEMORY = ("task", "message")  # not persisted: a restarted toolstack knows nothing of the old ones
FIRST = 1


@dataclass
class Row:
    """An object as it was last seen, with the generations of its creation and its latest change."""

    seen: Record
    created: int
    changed: int


@dataclass(frozen=True)
class Gone:
    """An object that is no more."""

    kind: str
    ref: str
    created: int
    deleted: int


class Journal:
    """The changes of one pool, numbered by generations that grow with each change."""

    def __init__(self) -> None:
        self.generation = FIRST
        self.rows: dict[str, dict[str, Row]] = {}
        self.gone: deque[Gone] = deque(maxlen=DELETIONS_KEPT)
        self.lost = 0  # the generation of the newest deletion that is no longer kept
        self._toolstack: tuple[object, float] | None = None

    def look(self, view: View, kinds: Iterable[str]) -> None:
        """Compare these classes with what they were at the last look. A class never looked at is as old as can be."""
        self._notice_restart(view.pool)
        for name in kinds:
            if name in self.rows:
                self._compare(KINDS[name], view)
            else:
                self.rows[name] = {
                    ref: Row(seen, FIRST, FIRST) for ref, seen in _now(KINDS[name], view).items()
                }

    def _notice_restart(self, pool: Pool) -> None:
        """A new start of the master's toolstack: what it kept in memory only went without a trace."""
        master = pool.master
        toolstack = (master, master.agent_start_time if master else 0.0)
        if self._toolstack not in (None, toolstack):
            self.gone.clear()
            self.generation += 1
            self.lost = self.generation
            for name in IN_MEMORY:
                self.rows.pop(name, None)
        self._toolstack = toolstack

    def _compare(self, kind: Kind, view: View) -> None:
        rows, now = self.rows[kind.name], _now(kind, view)
        for ref, seen in now.items():
            row = rows.get(ref)
            if row is None:
                self.generation += 1
                rows[ref] = Row(seen, self.generation, self.generation)
            elif row.seen != seen:
                self.generation += 1
                row.seen, row.changed = seen, self.generation
        for ref in [ref for ref in rows if ref not in now]:
            self._bury(kind.name, ref, rows.pop(ref))

    def _bury(self, kind: str, ref: str, row: Row) -> None:
        self.generation += 1
        if len(self.gone) == DELETIONS_KEPT:
            self.lost = self.gone[0].deleted
        self.gone.append(Gone(kind, ref, row.created, self.generation))


def _now(kind: Kind, view: View) -> dict[str, Record]:
    """What there is to compare: the live fields, and what clients set."""
    kept, found = view.pool.kept, {}
    for thing in kind.things(view.pool):
        ref, seen = kind.ref(thing), kind.live(view, thing)
        if ref in kept:
            seen.update(kept[ref])
        found[ref] = seen
    return found


_JOURNALS: WeakKeyDictionary[Pool, Journal] = WeakKeyDictionary()


def journal_of(pool: Pool) -> Journal:
    """The pool's journal; made at the first question."""
    journal = _JOURNALS.get(pool)
    if journal is None:
        journal = _JOURNALS[pool] = Journal()
    return journal


def changes(journal: Journal, kinds: Iterable[str], since: int) -> list[tuple[str, str, str, Any]]:
    """(operation, class, reference, generation) of what happened after ``since``, one for each object at most."""
    found = []
    for name in kinds:
        for ref, row in journal.rows[name].items():
            if row.created > since:
                found.append(("add", name, ref, row.created))
            elif row.changed > since:
                found.append(("mod", name, ref, row.changed))
    chosen = set(kinds)
    for gone in journal.gone:
        if gone.kind in chosen and gone.created <= since < gone.deleted:
            found.append(("del", gone.kind, gone.ref, gone.deleted))
    return found
