"""The vocabulary that a workflow is written in. Everything a person must judge is static or pure.

A step is asked in this order, and nothing of it but `act` may touch the outside world:

1. `applies(s)`       no → shown as "not needed, because …", recorded, never silently left out
2. `done(s)`          already so → nothing is called; asked again after the act until true, or `within` is over
3. `preconditions(s)` all evaluated, all shown; on the plan (live and projected) and on fresh facts just before the act
4. a person confirms  (every step with a risk), bound to a digest of checks, changes and calls
5. `remember(s)`      what must be kept, saved in a transaction of its own before anything destroys it
6. `act(api, s)`      one remote intent; returns soon, with the handle of the remote task or job; never waits
7. `stuck(s)`         while waiting: the sentence, if the captain has given up and waiting is of no use

A step without risk is not confirmed and acts on nothing: it remembers, or waits until `done`; when `within` is over it
fails, and says which of its preconditions do not hold.

A finished step's `done` is never asked again: the last step turns HA on, which makes "HA is off" false.
`done` of a removal accepts "no longer there". For every step `done(s.after(expect(s)))` holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pools.facts import Facts
from workflows.engine.situation import Situation


class Risk(StrEnum):
    """How much a step can hurt. `NONE` only reads and runs by itself; `FINAL` has no way back: a name is typed."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    FINAL = "final"

    @property
    def weight(self) -> int:
        return list(Risk).index(self)


class Resend(StrEnum):
    """What may be done when a call was sent and its answer is lost, and no trace of it is found."""

    LOOK = "look"
    """State is the proof: not done and nothing under way means that it may be sent again."""
    ASK = "ask"
    """Sending it twice can hurt: stop at *needs a human*."""


@dataclass(frozen=True, slots=True)
class Check:
    """One precondition. `says` is a sentence without numbers that move by themselves (it is part of what a
    confirmation is bound to); `detail` carries those. `cure` says what to do when it does not hold."""

    ok: bool
    says: str
    cure: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One exact call. `system` is `XenServer` or `CloudStack`, or `Baton` for a policy of ours; `request` is what will
    be sent; `by_hand` is the same as an `xe` line or a CloudStack API line, so that a team can go on without this
    program."""

    system: str
    request: str
    by_hand: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a step stands. `share` is 0..1 where the captain tells it; `left` counts what is still to do."""

    says: str
    share: float | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Traces:
    """How a call can be recognised while the captain works on it: names of XAPI tasks, entries of the pool's or
    the host's `current_operations`, Java classes of CloudStack jobs (with or without package), and resource states of
    the run's host in CloudStack, for a job that ends before what it began."""

    tasks: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    resource_states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Causes:
    """Findings (by code) that a step brings about, so that they are nobody's alarm while it is at it.

    `pool` and `host` last until the run is over: about the pool or its cluster, and about the run's own host.
    `passing` is about anything in the pool, and ends when the next step that changes something begins."""

    pool: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handle:
    """What the captain gave us to ask about: `kind` is `xapi-task` or `cloudstack-job`. `id` may be several, with
    spaces between them: of calls that one step sends together."""

    kind: str
    id: str

    @property
    def each(self) -> tuple[Handle, ...]:
        return tuple(Handle(self.kind, id) for id in self.id.split())


class Xapi(Protocol):
    """The part of the XAPI client that a step may use. Both raise the errors of pools/clients/errors.py."""

    def start(self, call: str, *args: Any) -> str:
        """Send `Async.<call>` once and return the task's ref."""

    def call(self, call: str, *args: Any) -> Any:
        """Send a synchronous call once and return its value."""


class CloudStack(Protocol):
    """The part of the CloudStack client that a step may use. Both send once, by POST."""

    def start(self, command: str, **params: str) -> str:
        """Send an asynchronous command and return its job id."""

    def do(self, command: str, **params: str) -> Mapping[str, Any]:
        """Send a synchronous command and return what stands under the single top key."""


class Member(Protocol):
    """One host by itself, whoever is master: for the emergency calls only (pools/clients/xapi.py)."""

    def call(self, call: str, *args: Any) -> Any:
        """Send one emergency call once, on a local session of its own."""


class Word(StrEnum):
    """A word that only the one who sends it knows: a step says it by this name, which plans and journals show."""

    POOL_USER = "$POOL_USER"
    POOL_PASSWORD = "$POOL_PASSWORD"  # noqa: S105 - a name, not a password


class Api(Protocol):
    """Both captains, for `act`. `cloudstack` raises a clear error where the pool has none."""

    @property
    def xapi(self) -> Xapi: ...

    @property
    def cloudstack(self) -> CloudStack: ...

    def member(self, address: str) -> Member: ...

    def newcomer(self, address: str) -> Xapi:
        """A host that is to join, on a session of its own with the login that was given for the run."""

    def policy(self, wanted: Mapping[str, Any]) -> None:
        """Change what the team wants of the pool, by field of the policy, in the name of whoever confirmed it."""


@dataclass(frozen=True)
class Step:
    """One action. The subclass's docstring is the *why*, shown on the plan and on the run. A step may have fields
    (a host's uuid, say): they are its arguments, kept with the run as JSON."""

    title: ClassVar[str]
    """A sentence in the imperative; `{host}`, `{successor}` and `{pool}` are filled in by `heading`."""
    risk: ClassVar[Risk] = Risk.NONE
    undo: ClassVar[str] = "Nothing to undo: this step only reads."
    danger: ClassVar[str] = ""
    """What will be felt, in a sentence that stands before the button."""
    within: ClassVar[float] = 60.0
    """Seconds from the act (from the start, for a step that only waits) until it counts as failed."""
    sends: ClassVar[tuple[str, ...]] = ()
    """Names of the calls that `act` may send, in order, without `Async.`; `calls` has them with what they are about."""
    skippable: ClassVar[bool] = False
    resend: ClassVar[Resend] = Resend.LOOK
    answer_is_proof: ClassVar[bool] = False
    """Whether the answer alone proves it: nothing that can be read tells whether it is so. `done` is then the proof
    for the case that the answer was lost, or that it was so already."""
    so_already: ClassVar[tuple[str, ...]] = ()
    """Codes of refusals that prove that it is so already, where nothing that can be read tells it."""
    goes_by: ClassVar[tuple[str, ...]] = ()
    """Codes of refusals that pass with time and changed nothing: it is tried again by itself for a while."""
    settle: ClassVar[float] = 5.0
    """Seconds that a call whose answer was lost is given to show itself, before its absence means anything."""
    traces: ClassVar[Traces] = Traces()
    causes: ClassVar[Causes] = Causes()
    owes: ClassVar[str] = ""
    """Kind of debt that this step incurs: `ha`, `maintenance`, `unmanaged`, `host-disabled`."""
    pays: ClassVar[tuple[str, ...]] = ()
    undo_with: ClassVar[tuple[type[Step], ...]] = ()
    """Steps that take this one back, in order. Each is confirmed like any other."""
    pause_point: ClassVar[bool] = False
    """Whether a long run may rest after this step: nothing is half done then."""
    leaves_host_out: ClassVar[bool] = False
    """Whether skipping this step leaves its host out of the rest of the run (workflows/steps/each.py)."""

    @property
    def key(self) -> str:
        return type(self).__name__

    @property
    def args(self) -> dict[str, Any]:
        return asdict(self) if fields(self) else {}

    @property
    def why(self) -> str:
        return " ".join((type(self).__doc__ or "").split())

    @property
    def subject(self) -> str:
        """uuid of the host that this step is about, where a run is about several; else empty."""
        return str(self.args.get("host", ""))

    def around(self, s: Situation) -> Situation:
        """The situation as this step sees it: one about a host of several has that host for the run's."""
        return s.about(self.subject) if self.subject else s

    def undoing(self) -> tuple[Step, ...]:
        """The steps of `undo_with`, about what this one is about."""
        return tuple(undo() for undo in self.undo_with)

    def heading(self, s: Situation) -> str:
        """The title with names filled in."""
        names = {"pool": s.baseline.pool.name if s.baseline.pool else "the pool"}
        for name in ("host", "successor"):
            if name in s.inputs:
                names[name] = getattr(s, name).name
        return self.title.format_map(names)

    def typed(self, s: Situation) -> str:
        """What a person types to confirm it, empty for most steps: the name of the host that has no way back."""
        return s.host.name if self.risk is Risk.FINAL else ""

    def applies(self, s: Situation) -> Check:
        """Whether the step is needed at all; the sentence is the reason when it is not."""
        return Check(True, "")

    def preconditions(self, s: Situation) -> Iterable[Check]:
        return ()

    def expect(self, s: Situation) -> Facts:
        return s.facts

    def calls(self, s: Situation) -> Iterable[Call]:
        return ()

    def remember(self, s: Situation) -> Mapping[str, Any]:
        return {}

    def act(self, api: Api, s: Situation) -> Handle | None:
        return None

    def done(self, s: Situation) -> bool:
        raise NotImplementedError

    def progress(self, s: Situation) -> Progress | None:
        return None

    def stuck(self, s: Situation) -> str:
        """The sentence when the captain has given up (an error state), so that the step fails at once."""
        return ""

    def owing(self, s: Situation) -> str:
        """The sentence of the debt, judged just before the act; empty when nothing will be owed."""
        return ""

    @property
    def changes_something(self) -> bool:
        return self.risk is not Risk.NONE


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a workflow's form. `kind` is `host`, `sr`, `text` or `choice`."""

    name: str
    label: str
    kind: str
    help: str = ""
    required: bool = True
    initial: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible value of an input, ranked: reasons for, against, and what rules it out."""

    value: str
    label: str
    pro: tuple[str, ...] = ()
    con: tuple[str, ...] = ()
    out: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        return not self.out


@dataclass(frozen=True, slots=True)
class Glance:
    """One line of what a person under pressure has to know: what it answers, and the answer. `tone` is `bad`, `open`
    (a person's word is needed, or nobody knows), `good` or empty; `at` a moment that it speaks of, in ISO format."""

    asks: str
    says: str
    tone: str = ""
    at: str = ""


class Workflow:
    """A named procedure: the module docstring of its file is the runbook, `steps` are its steps in order."""

    slug: ClassVar[str]
    title: ClassVar[str]
    """A sentence in the imperative, with `{host}`, `{successor}`, `{pool}`."""
    family: ClassVar[str]
    why: ClassVar[str]
    duration: ClassVar[str]
    inputs: ClassVar[tuple[Input, ...]] = ()
    steps: ClassVar[tuple[Step, ...]] = ()
    other_ways: ClassVar[Mapping[str, tuple[Step, ...]]] = {}
    """Where the situation asks for other steps: when that is so → the steps then. `steps` are the usual ones."""
    without_master: ClassVar[bool] = False
    """Whether it may be planned while the master is silent, on the pool as it was when it last answered."""
    leaves: ClassVar[tuple[str, ...]] = ()
    """Kinds of debt that stay owed when all went well, because that is its purpose; settle-debts pays them."""
    listed: ClassVar[bool] = True
    """Whether people start it from the catalogue; one that is not is offered where it is needed."""

    def build(self, s: Situation) -> tuple[Step, ...]:
        """The steps for this situation. Most workflows have a fixed list."""
        return self.steps

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        """Possible values of an input, best first."""
        return ()

    def refusals(self, s: Situation) -> Iterable[Check]:
        """What must hold before such a run may even be asked for; each failing one says what to do."""
        return ()

    def warnings(self, s: Situation) -> Iterable[str]:
        """What will stay different when all went well, said before the start."""
        return ()

    def glance(self, s: Situation) -> Iterable[Glance]:
        """The whole case in a few lines, above all else on its page, for a workflow that is used in an outage."""
        return ()

    @property
    def risk(self) -> Risk:
        """The highest of its steps."""
        steps = (step for way in (self.steps, *self.other_ways.values()) for step in way)
        return max((step.risk for step in steps), key=lambda r: r.weight)

    def heading(self, s: Situation) -> str:
        names = {"pool": s.baseline.pool.name if s.baseline.pool else "the pool"}
        for name in ("host", "successor"):
            if name in s.inputs:
                names[name] = getattr(s, name).name
        return self.title.format_map(names)
