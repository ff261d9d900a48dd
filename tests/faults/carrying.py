"""A person who stands by a run to its end, and what is held against the end."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lab.testing import RunningLab
from tests.faults.record import ASKED, RIGHT
from tests.workflows.engine.driving import person, yes
from workflows.engine.states import RunState
from workflows.models import Attempt, Run, RunStep
from workflows.running import choices, journal
from workflows.running.captains import TheCaptains

RUNNING, MASTER = "running", "master"
LOSING_GUESTS = ("break-fence-loop",)
"""Their host fences itself, and its guests die, every few minutes until the run's first yes is carried out."""
AT_NEED = {"break-fence-loop": Counter({"host.restart_agent": 1})}
"""Calls that a run sends only where they are needed: the master serves again by the time that it is disarmed."""
PATIENCE = 6
"""So often a person retries, or says what happened, before it counts as wrong."""
SETTLES_S = 30.0
"""Real seconds that the captains may take to show the end."""


class NotRight(AssertionError):
    """The run did not end as it should have."""


@dataclass
class Person:
    """Confirms what is shown, retries what failed, and in doubt looks at the captain's own log."""

    run: Run
    lab: RunningLab
    asked: list[str] = field(default_factory=list)
    say_yes: Callable[[Run], object] = lambda run: yes(run, person("bo"))
    hit: set[int] = field(default_factory=set)
    """Steps at which something befell the worker or its wire: only of these may somebody be asked."""
    captains_in_trouble: bool = False
    """A host went down, say: then a captain may refuse, and a step may fail for it."""

    def needed(self) -> bool:
        """Whether the run waits for somebody."""
        self.run.refresh_from_db()
        return self.run.waits_for_a_person

    def decide(self) -> None:
        """One choice about the run as it stands."""
        if self.run.state == RunState.CONFIRM:
            with suppress(
                choices.NotNow
            ):  # it moved at that moment, or something does not hold yet: read again
                self.say_yes(self.run)
            return
        row = self.run.current()
        assert row
        self.asked.append(f"step {row.number}: {self.run.reason}")
        if len(self.asked) > PATIENCE:
            raise NotRight(f"asked too often: {self.asked}")
        self._true(row)
        if self.run.state == RunState.FAILED:
            choices.retry(self.run, person("bo"))
        elif self._arrived(row):
            choices.it_happened(self.run, person("ada"), "The captain's own log shows it.")
        else:
            choices.it_did_not(self.run, person("ada"), "The captain's own log shows nothing.")

    def _true(self, row: RunStep) -> None:
        """What the page says is so. Whoever kills a worker or breaks a wire has no captain refuse anything: then nobody
        may be asked but whether a call arrived, of a step that was hit, whose answer is not on record."""
        if row.error_code == "BROKEN_STEP":
            raise NotRight(f"asked for no true reason: {self.run.reason}")
        if self.run.state == RunState.FAILED:
            if not self.captains_in_trouble:
                raise NotRight(f"no captain was in trouble, and yet: {self.run.reason}")
            return
        last = row.last_attempt()
        if last is None or (last.answered_at and not last.doubted_at):
            raise NotRight("in doubt although an answer is on record")
        if row.index not in self.hit and not self.captains_in_trouble:
            raise NotRight(f"in doubt although nothing befell step {row.number}, only {sorted(self.hit)}")

    def _arrived(self, row: RunStep) -> bool:
        """More calls of each kind took effect than steps before this one account for."""
        before = self.run.steps.filter(index__lt=row.index, attempts__outcome=Attempt.Outcome.DONE)
        known = Counter(name for other in before.distinct() for name in set(call_names(other)))
        sent = effective(self.lab)
        return all(sent[name] > known[name] for name in call_names(row))


def call_names(row: RunStep) -> list[str]:
    """The calls that a step's panel showed, without `Async.`."""
    shown = (row.shown or {}).get("calls", [])
    words = (line["request"].removeprefix("POST command=") for line in shown)
    return [word.split("(")[0].split(" ")[0].removeprefix("Async.") for word in words]


def effective(lab: RunningLab) -> Counter[str]:
    """How often each call that changes something took effect, by the lab's own log."""
    done = (call for call in lab.calls(changing=True) if call["outcome"].startswith("ok"))
    return Counter(call["name"].removeprefix("Async.") for call in done)


def picture(run: Run) -> dict[str, Any]:
    """The pool as both captains show it: what has to be the same however often workers died."""
    facts = TheCaptains().look(run.pool, run.baseline_facts)
    pool, cs = facts.pool, facts.cloudstack
    if pool is None or cs is None:
        return {"silent": str(facts.pool_trouble or facts.cloudstack_trouble)}
    ha = pool.ha
    names = {host.uuid: host.name for host in pool.hosts}
    shown = {
        MASTER: names.get(pool.master, ""),
        "hosts": sorted((h.name, h.live, h.enabled) for h in pool.hosts),
        "ha": (
            ha.enabled,
            ha.timeout_s,
            ha.default_timeout_s,
            len(ha.statefile_srs),
            ha.failures_to_tolerate,
        ),
        "cloudstack": sorted((h.name, h.state, h.resourcestate) for h in cs.hosts),
        "plugged": sum(p.attached for p in pool.pbds),
        "protected": sum(bool(v.ha_restart_priority) for v in pool.vms),
        RUNNING: sum(v.power_state == "Running" for v in pool.vms),
    }
    plain: dict[str, Any] = json.loads(json.dumps(shown))  # as it is kept
    return plain


@dataclass(frozen=True)
class Undisturbed:
    """What a run of a case does that nobody disturbs: `calls[i]` are sent by step `i`."""

    picture: dict[str, Any]
    calls: dict[int, tuple[str, ...]]
    steps: tuple[tuple[str, str], ...]
    """Key and state of each."""
    owed: int

    @property
    def all_calls(self) -> Counter[str]:
        return Counter(call for calls in self.calls.values() for call in calls)

    def before(self, index: int, call: str) -> int:
        """So many calls of that name went before this step."""
        return sum(calls.count(call) for at, calls in self.calls.items() if at < index)


def judge(run: Run, lab: RunningLab, wanted: Undisturbed, asked: list[str], went_down: str = "") -> str:
    """RIGHT or ASKED. Raises NotRight with what is wrong. A call less is fine where it had come to be so by itself.
    `went_down` names a host that was switched off and on under the run."""
    run.refresh_from_db()
    _hold(run.state == RunState.DONE, f"it ended {run.state}: {run.reason}")
    twice = effective(lab) - wanted.all_calls - AT_NEED.get(run.workflow, Counter())
    _hold(not twice, f"sent more than needed: {dict(twice)}")
    owed = run.debts.filter(paid_at=None).count()
    _hold(owed == wanted.owed, f"{owed} debts are open, not {wanted.owed}")
    faults = journal.verify(run)
    _hold(not faults, f"the journal: {faults}")
    _each_yes_once(run)
    deadline = time.monotonic() + SETTLES_S
    loses = bool(went_down) or run.workflow in LOSING_GUESTS
    while not like(now := picture(run), wanted.picture, went_down, loses_guests=loses):
        _hold(time.monotonic() < deadline, f"it is {now}, not {wanted.picture}")
        time.sleep(0.2)
    return f"{ASKED}: {asked[0]}" if asked else RIGHT


def like(
    now: dict[str, Any], wanted: dict[str, Any], went_down: str = "", *, loses_guests: bool = False
) -> bool:
    """The same; guests that a captain restarts by and by may be more. A host that went down has lost its guests, and
    without HA nobody starts them again; if it was the master, HA has made another one."""
    if MASTER not in now:
        return False
    loose = {RUNNING, MASTER} if went_down == wanted[MASTER] else {RUNNING}
    fixed = [{key: value for key, value in shown.items() if key not in loose} for shown in (now, wanted)]
    return fixed[0] == fixed[1] and (loses_guests or now[RUNNING] >= wanted[RUNNING])


def _each_yes_once(run: Run) -> None:
    """Each intent has a yes of its own, but for one that is proven never to have arrived."""
    for row in run.steps.all():
        kinds = Counter(run.journal.filter(step_index=row.index).values_list("kind", flat=True))
        allowed = kinds["confirmed"] + kinds["vanished"] + kinds["unsent"]
        _hold(kinds["intent"] <= allowed, f"step {row.number}: {kinds['intent']} intents, {dict(kinds)}")


def _hold(so: object, otherwise: str) -> None:
    if not so:
        raise NotRight(otherwise)
