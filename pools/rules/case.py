"""The vocabulary of the rules: what a rule gets (a `Case`) and what it says (a `Finding`). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pools.drift import Drifts
from pools.exposure import Kind
from pools.facts import Facts
from pools.timeline import Entry


class Severity(StrEnum):
    """critical: capacity or recovery is gone, or soon. warning: one more failure and it is. info: know it."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the team wants of a pool. Times in seconds."""

    wants_ha: bool = True
    ha_timeout_s: int = 180
    recovery: str = "xenserver"
    """Who recovers a dead master: `xenserver` (pool HA) or `operators`."""
    look_every_s: float = 10.0
    patience_s: float = 1800.0
    """How long a run may wait for a person before that is told; twice as long is worth a warning."""
    exposure_limit_s: float = 3600.0
    """How long the pool may be without HA, unmanaged, or unable to bear the loss of a host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Trouble that a run of ours causes: findings of that code about that subject (`*` is any), until then."""

    code: str
    subject: str
    run: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What a run changed and still has to put back. `moving` says whether that run is still at it."""

    kind: str
    says: str
    run: int
    since: datetime
    moving: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A run that waits for a person."""

    run: int
    title: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreviewed:
    """Somebody went on alone with a run, past what the policy asks for, and nobody else has reviewed it yet."""

    id: int
    run: int
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """What the workflows have to say about a pool; filled in by whoever registers with pools/obligations.py."""

    debts: tuple[Debt, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    unreviewed: tuple[Unreviewed, ...] = ()
    expected: tuple[Expected, ...] = ()
    holder: int | None = None
    """The run that holds the pool, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A captain refuses us, so it is asked more seldom: since when, and when next."""

    since: datetime
    tried_at: datetime
    tries: int
    next_at: datetime
    code: str = ""
    says: str = ""
    """The refusal itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """How the other pools do while nobody answers in this one. `others` are watched, `answered` of them were read
    since this one fell silent, `silent` of them have nobody who answers either."""

    others: int
    answered: int
    silent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that a rule may know. `known` is the last look in which the pool answered (it names hosts
    while the master is silent); `master_was` is the master before, with the run that moved it."""

    pool: str
    facts: Facts
    now: datetime
    known: Facts | None = None
    good_at: datetime | None = None
    policy: Policy = field(default_factory=Policy)
    obligations: Obligations = field(default_factory=Obligations)
    ha_off_since: datetime | None = None
    master_was: str | None = None
    master_moved_at: datetime | None = None
    preparing_since: Mapping[str, datetime] = field(default_factory=dict)
    """CloudStack host id → since when it is in PrepareForMaintenance, as far as a look has seen it begin."""

    exposed_since: Mapping[Kind, datetime] = field(default_factory=dict)
    """What the pool is without, and since when (pools/exposing.py)."""

    happened: tuple[Entry, ...] = ()
    """What this look has seen change."""

    drift: Drifts = field(default_factory=dict)
    """When what policies judge last changed, and by whom; this look's changes included."""

    cluster_proof: str = ""
    """What proves that another cluster than the one that is set is this pool (pools/mapping.py)."""

    pool_pause: Pause | None = None
    cloudstack_pause: Pause | None = None
    elsewhere: Elsewhere | None = None
    """Only where nobody answers in this pool: whether it is the pool, or the console that hears nobody."""

    def ago(self, at: datetime) -> timedelta:
        return self.now - at


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about: kind `pool`, `host`, `vm`, `sr`, `cluster` or `run`."""

    kind: str
    name: str
    uuid: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One raw value that a finding rests on: what it is, the value as read, who said it, and when."""

    what: str
    value: str
    source: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One judgement. `remedy` is a workflow's slug, or a sentence (it has a space in it), or empty."""

    code: str
    severity: Severity
    subject: Subject
    says: str
    means: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""
    expected_by: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.subject.uuid
