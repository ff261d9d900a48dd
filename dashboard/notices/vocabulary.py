"""The words of a notice: what is open, what a route knows and wants to hear, and what it is told. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pools.rules import RANK
from pools.rules.case import Severity

Key = tuple[int, str, str]
"""id of the pool, code of the finding, and what the pool shares it with (see `Part.shared`)."""


class Kind(StrEnum):
    """Why a route is told."""

    NEW = "new"
    WORSE = "worse"
    STUCK = "stuck"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class Part:
    """The open, unexpected findings of one code on one pool. `says` is the worst one's sentence, `subjects` are the
    names of what has it."""

    pool_id: int
    pool: str
    zone: str
    code: str
    severity: Severity
    says: str
    remedy: str
    subjects: tuple[str, ...]
    since: datetime
    run: int | None = None
    """The run that was prepared for it, and waits for people."""
    shared: str = ""
    """What it is a trouble of, where other pools have the same one: `the console`, or a CloudStack by name."""
    follows: bool = False
    """Whether it is there because another part is."""

    @property
    def key(self) -> Key:
        return self.pool_id, self.code, self.shared


@dataclass(frozen=True, slots=True)
class Trouble:
    """What has one cause; the first part is that cause, or the worst."""

    parts: tuple[Part, ...]

    @property
    def head(self) -> Part:
        return self.parts[0]

    @property
    def cause(self) -> tuple[Part, ...]:
        """The first part, and the same in the other pools that share it."""
        head = self.head
        if not head.shared:
            return (head,)
        return tuple(part for part in self.parts if (part.code, part.shared) == (head.code, head.shared))

    @property
    def severity(self) -> Severity:
        return min((part.severity for part in self.parts), key=RANK.__getitem__)

    @property
    def since(self) -> datetime:
        return min(part.since for part in self.parts)


@dataclass(frozen=True, slots=True)
class Told:
    """What a route knows of a part. All but `over_at` is from the last message about it; parts that were told as one
    have the same `trouble`. No `subjects`: it was told under another code, of the host or of the pool."""

    pool_id: int
    pool: str
    code: str
    severity: Severity
    says: str
    subjects: tuple[str, ...]
    at: datetime
    remedy: str = ""
    run: int | None = None
    shared: str = ""
    trouble: str = ""
    cause: bool = True
    """Whether the message was under its name. What only went with it is forgotten when it is over."""
    over_at: datetime | None = None
    """When it was first found over, while something else of its trouble was not."""

    @property
    def key(self) -> Key:
        return self.pool_id, self.code, self.shared


Known = dict[Key, Told]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a route wants to hear. No zones means all; `remind` is None for never."""

    at_least: Severity = Severity.WARNING
    zones: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset(Kind)
    remind: timedelta | None = timedelta(hours=4)

    def wants(self, severity: Severity) -> bool:
        return RANK[severity] <= RANK[self.at_least]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Until then nobody is told of this pool (None: of any) and this code (empty: of any)."""

    pool_id: int | None
    code: str
    until: datetime

    def covers(self, pool_id: int, code: str, now: datetime) -> bool:
        return now < self.until and self.pool_id in (None, pool_id) and self.code in ("", code)


@dataclass(frozen=True, slots=True)
class Beside:
    """Something else of the same trouble."""

    code: str
    says: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """One message to one route. `quietly` only updates what the route knows: its kind is one it does not want. `due`:
    it is told because something can be done now."""

    kind: Kind
    pool_id: int
    pool: str
    code: str
    severity: Severity
    was: Severity | None
    says: str
    remedy: str
    subjects: tuple[str, ...]
    since: datetime
    run: int | None = None
    due: bool = False
    quietly: bool = False
    shared: str = ""
    pools: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Estate:
    """What is so at one moment, for all routes. `open` has every open finding's key, expected ones too."""

    now: datetime
    troubles: tuple[Trouble, ...]
    open: frozenset[Key] = frozenset()
    quiet: tuple[Quiet, ...] = ()
    known: frozenset[tuple[int, str]] = field(default_factory=frozenset)
    """Pool and code of what somebody has acknowledged."""

    def is_quiet(self, pool_id: int, code: str) -> bool:
        return any(quiet.covers(pool_id, code, self.now) for quiet in self.quiet)

    def is_known(self, trouble: Trouble) -> bool:
        """Whether somebody knows of it; of what pools share, in any of them."""
        code = trouble.head.code
        return any((part.pool_id, code) in self.known for part in trouble.parts if part.code == code)
