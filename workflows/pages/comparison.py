"""Hosts that are to join a pool beside its master, as a table: what is compared by rows, the hosts by columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pools.facts import Facts, Newcomer
from workflows.pages.words import plural
from workflows.steps.fitness import SAME, Question, questions

TRAITS = {name.lower() for name in SAME}
"""Rows that are only worth their place when somebody differs."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How one host answers one question. `mark` is `same`, `differs` (it may join all the same) or `refused`."""

    host: str
    says: str
    mark: str
    small: str = ""
    """The code that XAPI refuses with, or why a difference does no harm."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    here: str
    cells: tuple[Cell, ...]

    @property
    def alike(self) -> bool:
        return all(cell.mark == "same" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Column:
    """One host that is to join: whether it can, in words."""

    name: str
    address: str
    can_join: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`silent` are hosts that could not be read, with the reason; `alike` names rows that are the same everywhere."""

    master: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    alike: tuple[str, ...]
    silent: tuple[tuple[str, str], ...]


def comparison(facts: Facts | None) -> Comparison | None:
    """None while no new host was looked at, or the master could not be read beside it."""
    if facts is None or facts.pool is None or not facts.newcomers:
        return None
    pool, measure = facts.pool, facts.measure
    silent = tuple((n.name, n.trouble.says) for n in facts.newcomers if n.trouble)
    read = [n for n in facts.newcomers if n.passport and measure]
    answers = [questions(n, measure, pool) for n in read]
    names = tuple(n.name for n in read)
    rows = [_row(names, same) for same in zip(*answers, strict=True)]
    master = pool.master_host
    return Comparison(
        master=master.name if master else pool.name,
        columns=tuple(_column(n, mine) for n, mine in zip(read, answers, strict=True)),
        rows=tuple(row for row in rows if not _folds(row)),
        alike=tuple(row.name for row in rows if _folds(row)),
        silent=silent,
    )


def _folds(row: Row) -> bool:
    return row.alike and row.name.lower() in TRAITS


def _column(found: Newcomer, mine: Sequence[Question]) -> Column:
    against = sum(not question.check.ok for question in mine)
    verdict = f"cannot join: {plural(against, 'reason')}" if against else "can join"
    return Column(found.name, found.address, not against, verdict)


def _row(names: Sequence[str], same: Sequence[Question]) -> Row:
    first = same[0]
    return Row(first.name, first.here or "none", tuple(map(_cell, names, same)))


def _cell(name: str, question: Question) -> Cell:
    says = question.there or "none"
    if not question.check.ok:
        return Cell(name, says, "refused", question.code)
    differs = question.aside and question.there != question.here
    return Cell(name, says, "differs", question.aside) if differs else Cell(name, says, "same")
