"""Facts of one pool as JSON text, look after look: guests that are the very objects they were are not written anew.

The text is cut into pieces. Guests are written in blocks, and a block that holds the very records of an earlier one
*is* that one: its text, and once a moment was kept also its compressed bytes. All else of the facts is short, and
written each time. Put together, text and bytes are those of writing everything.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import is_
from typing import Any

from pools.encoding import facts_to, plain_of
from pools.facts import Facts

BLOCK = 64
"""Guests that are written together, at most."""
NO_GUESTS, GUESTS = '"vms": []', '"vms": ['
"""In JSON only a key can read so: a quote within a text has a backslash before it."""
HEADER, END = b"\x78\x9c", b"\x03\x00"
"""Of a zlib stream (RFC 1950), and an empty last block (RFC 1951)."""


@dataclass(eq=False)
class Piece:
    """Some JSON text, in ASCII, and the records that it was written of."""

    text: str
    records: tuple[Any, ...] = ()

    @cached_property
    def deflated(self) -> bytes:
        """The text as blocks of a deflate stream that end at a byte and look back at nothing: whatever stands before
        and behind them, they are right (Z_FULL_FLUSH)."""
        deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return deflate.compress(self.text.encode()) + deflate.flush(zlib.Z_FULL_FLUSH)


COMMA = Piece(", ")


@dataclass(frozen=True, slots=True)
class Written:
    """One look's facts, as JSON."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """In one."""
        return "".join(piece.text for piece in self.pieces)

    def compressed(self, before: str, after: str) -> bytes:
        """Between two other texts (ASCII), as one zlib stream."""
        pieces, check = (Piece(before), *self.pieces, Piece(after)), 1
        for piece in pieces:
            check = zlib.adler32(piece.text.encode(), check)
        return HEADER + b"".join(piece.deflated for piece in pieces) + END + check.to_bytes(4, "big")


@dataclass
class Writer:
    """Writes the looks at one pool, one at a time."""

    _known: dict[str, list[Piece]] = field(default_factory=dict)
    """Captain → the blocks of its guests that were written last."""

    def written(self, facts: Facts) -> Written:
        """These facts, as `json.dumps` writes them whole."""
        guests = {
            name: captain.vms
            for name, captain in (("pool", facts.pool), ("cloudstack", facts.cloudstack))
            if captain
        }
        start, *rests = json.dumps(facts_to(_without_guests(facts))).split(NO_GUESTS)
        pieces = []
        for (name, vms), rest in zip(guests.items(), rests, strict=True):
            self._known[name] = list(blocks(vms, self._known.get(name, [])))
            pieces += [Piece(start + GUESTS), *_listed(self._known[name])]
            start = "]" + rest
        return Written((*pieces, Piece(start)))


def _without_guests(facts: Facts) -> Facts:
    return replace(
        facts,
        pool=replace(facts.pool, vms=()) if facts.pool else None,
        cloudstack=replace(facts.cloudstack, vms=()) if facts.cloudstack else None,
    )


def blocks(records: Sequence[Any], before: list[Piece]) -> Iterator[Piece]:
    """The records in blocks, those of before wherever they hold the very same. A new one ends where an old one begins:
    a record that is new, gone or elsewhere makes one block anew, and not all behind it."""
    if len(before) > 2 * (1 + len(records) // BLOCK):
        before = []  # cut too small over time
    starts = {id(block.records[0]): block for block in before}
    at = 0
    while at < len(records):
        block = starts.get(id(records[at]))
        if block is None or not _same(records[at : at + len(block.records)], block.records):
            block = _block(records[at : _end(records, at, starts)])
        yield block
        at += len(block.records)


def _same(some: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _end(records: Sequence[Any], start: int, starts: dict[int, Piece]) -> int:
    last = min(start + BLOCK, len(records))
    return next((at for at in range(start + 1, last) if id(records[at]) in starts), last)


def _block(records: Sequence[Any]) -> Piece:
    return Piece(json.dumps(plain_of(records))[1:-1], tuple(records))


def _listed(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for number, piece in enumerate(pieces):
        if number:
            yield COMMA
        yield piece
