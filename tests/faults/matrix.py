"""Every call of remove-master, met by every fault: `make faults`. Too long for `make test`, and not collected there.

A person stands by, who retries what failed and, in doubt, looks at the lab itself and says what happened. In the end
the pool must be as the plan said, with each action carried out once, HA as it was found, and nothing owed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.testing import RunningLab, running_lab
from pools.facts import Facts
from pools.models import Pool
from tests.faults.conftest import ASKED, RIGHT
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.engine import driving
from tests.workflows.engine.driving import drive, person, removal, yes
from workflows.engine.states import RunState
from workflows.models import Run, RunStep
from workflows.running import choices, journal
from workflows.running.captains import Hands, TheCaptains

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = {
    "prepareHostForMaintenance": "cloudstack",
    "pool.disable_ha": "*",
    "pool.designate_new_master": "*",
    "pool.eject": "*",
    "deleteHost": "cloudstack",
    "pool.enable_ha": "*",
}
"""In the order of the run, with who answers them."""
FAULTS: dict[str, dict[str, Any]] = {
    "reset-before": {},
    "reset-after": {},
    "drip": {"delay": 0.02},
    "hang": {},
    "truncated": {},
    "garbage": {},
    "http500": {},
    "error": {"what": "530, no luck"},
}
PATIENCE = 6
"""So often a person retries, or says what happened, before it counts as wrong."""


class Dies(BaseException):
    """The worker is killed here."""


@dataclass
class Mortal(TheCaptains):
    """The worker dies once, right before or right after that call leaves."""

    call: str
    before: bool
    dead: list[str] = field(default_factory=list)

    @contextmanager
    def acting(self, pool: Pool, facts: Facts) -> Iterator[Hands]:
        with super().acting(pool, facts) as hands:
            yield _MortalHands(hands, self)

    def around(self, call: str, send: Callable[[], Any]) -> Any:
        """Send it, unless the worker's time has come."""
        mine = call == self.call and not self.dead
        if mine:
            self.dead.append(call)
        if mine and self.before:
            raise Dies
        answer = send()
        if mine:
            raise Dies
        return answer


@dataclass
class _MortalHands:
    hands: Hands
    captains: Mortal

    @property
    def xapi(self) -> Any:
        return _MortalCaptain(self.hands.xapi, self.captains)

    @property
    def cloudstack(self) -> Any:
        return _MortalCaptain(self.hands.cloudstack, self.captains)

    def status(self, kind: str, id: str) -> Any:
        return self.hands.status(kind, id)


@dataclass
class _MortalCaptain:
    captain: Any
    captains: Mortal

    def start(self, call: str, *args: Any, **params: str) -> Any:
        return self.captains.around(call, lambda: self.captain.start(call, *args, **params))

    def call(self, call: str, *args: Any) -> Any:
        return self.captains.around(call, lambda: self.captain.call(call, *args))

    def do(self, command: str, **params: str) -> Any:
        return self.captains.around(command, lambda: self.captain.do(command, **params))


@pytest.fixture(autouse=True)
def _hangs_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change may hang for minutes before its answer counts as lost; a person is patient."""
    monkeypatch.setattr(driving, "PATIENCE_S", 400.0)


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=200) as lab:
        yield lab


@pytest.fixture
def run(lab: RunningLab, broker: str) -> Run:
    return removal(pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_fault(lab: RunningLab, run: Run, call: str, fault: str, record_property: Any) -> None:
    lab.break_(fault, CALLS[call], call=call, times=1, **FAULTS[fault])
    asked = _carry_through(run, lab, TheCaptains())
    record_property("verdict", _verdict(run, lab, asked))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_worker_dies(lab: RunningLab, run: Run, call: str, moment: str, record_property: Any) -> None:
    asked = _carry_through(run, lab, Mortal(call, moment == "before"))
    record_property("verdict", _verdict(run, lab, asked))


def _carry_through(run: Run, lab: RunningLab, captains: TheCaptains) -> list[str]:
    """To the end, with a person's help: what they were asked."""
    asked: list[str] = []
    while len(asked) < PATIENCE:
        _as_far_as_it_goes(run, captains)
        run.refresh_from_db()
        if run.state not in (RunState.FAILED, RunState.DOUBT):
            return asked
        asked.append(f"{run.state}: {run.reason}")
        _what_is_off_is_owed(run, lab)
        _decide(run, lab)
    return asked


def _as_far_as_it_goes(run: Run, captains: TheCaptains) -> None:
    """A worker that dies is replaced when its lease has run out."""
    while run.state not in (RunState.FAILED, RunState.DOUBT) and not run.ended:
        with suppress(Dies):
            if drive(run, captains).state == RunState.CONFIRM:
                with suppress(choices.Moved):
                    yes(run, person("bo"))


def _decide(run: Run, lab: RunningLab) -> None:
    row = run.current()
    assert row
    if run.state == RunState.FAILED:
        choices.retry(run, person("bo"))
    elif _arrived(lab, row):
        choices.it_happened(run, person("ada"), "The captain's own log shows it.")
    else:
        choices.it_did_not(run, person("ada"), "The captain's own log shows nothing.")


def _arrived(lab: RunningLab, row: RunStep) -> bool:
    names = [call for call in CALLS if any(call in line["request"] for line in row.shown["calls"])]  # type: ignore[index]
    return any(call["outcome"].startswith("ok") for call in lab.calls(*names))


def _what_is_off_is_owed(run: Run, lab: RunningLab) -> None:
    """Whenever a person is asked, what the run took away is on record as owed."""
    owed = set(run.debts.filter(paid_at=None).values_list("kind", flat=True))
    assert lab.world.pool("amber").ha_enabled or "ha" in owed


def _verdict(run: Run, lab: RunningLab, asked: list[str]) -> str:
    assert run.state == RunState.DONE, (run.state, run.reason, asked)
    effective = Counter(
        c["name"].removeprefix("Async.") for c in lab.calls(changing=True) if c["outcome"].startswith("ok")
    )
    assert effective == dict.fromkeys(CALLS, 1), effective
    pool = lab.world.pool("amber")
    assert sorted(host.name for host in pool.hosts) == ["amber-2", "amber-3", "amber-4"]
    facts = TheCaptains().look(run.pool, run.baseline_facts).pool
    was = run.baseline_facts.pool
    assert facts
    assert was
    assert (facts.ha.enabled, facts.ha.timeout_s, facts.ha.statefile_srs[:1]) == (
        True,
        was.ha.timeout_s,
        was.ha.statefile_srs[:1],
    )
    assert facts.ha.failures_to_tolerate == was.ha.failures_to_tolerate
    assert not run.debts.filter(paid_at=None).exists()
    assert journal.verify(run) == []
    return f"{ASKED}: {asked[0]}" if asked else RIGHT
