"""Steps that disarm HA on a host from the inside: where no master can be asked to turn it off for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pools.facts import Facts, Host
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Check, Progress, Risk, Step
from workflows.steps.following import follows
from workflows.steps.ha import ENOUGH_HOSTS, RestoreHa, RestoreTolerance, settings_of
from workflows.steps.masterless import (
    WITHOUT_MASTER,
    answers,
    candidate_answers,
    ha_had_its_time,
    ha_was_on,
    is_master_now,
    no_master_answers,
    nobody_took_over,
)

DISARM = "host.emergency_ha_disable"
NOT_ARMED = ("HA_NOT_ENABLED",)


@dataclass(frozen=True)
class RememberHaFromBefore(Step):
    """Whoever becomes master in an emergency finds HA off. How it was set is taken from the last time the old master
    answered."""

    title = "Remember how HA was set"
    within = 30.0

    def applies(self, s: Situation) -> Check:
        return Check(ha_was_on(s), "HA was off when the master answered last")

    def remember(self, s: Situation) -> Mapping[str, Any]:
        """Of the pool as it was then, whatever it shows by now."""
        if s.baseline.pool is None:
            raise NotKnown("It is not known how HA was set.")
        return {"ha": settings_of(s.baseline.pool)}

    def done(self, s: Situation) -> bool:
        return "ha" in s.memory


@dataclass(frozen=True)
class DisarmCandidate(Step):
    """With HA armed a host refuses to become master by hand, and may fence itself meanwhile. The candidate is disarmed
    first and alone: a member that is disarmed before it finds a pool with HA on, and goes into emergency mode."""

    title = "Disarm HA on {successor} itself"
    risk = Risk.HIGH
    sends = (DISARM,)
    undo = "HA goes on again for the whole pool, when every member is back."
    danger = "From here on this host no longer fences itself."
    within = 120.0
    answer_is_proof = True
    so_already = NOT_ARMED
    owes = "ha"
    causes = WITHOUT_MASTER

    def applies(self, s: Situation) -> Check:
        return Check(ha_was_on(s), "HA was off when the master answered last")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check("ha" in s.memory, "Its settings are kept", "Go back to the step that remembers them.")
        yield no_master_answers(s)
        yield nobody_took_over(s)
        yield ha_had_its_time(s)
        yield candidate_answers(s)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield disarm_call(s.successor)

    def owing(self, s: Situation) -> str:
        """With two hosts HA must not come back: it is why they fence each other."""
        pool = s.known_pool
        if len(pool.hosts) < ENOUGH_HOSTS:
            return ""
        return f"HA is off on {pool.name}: its hosts were disarmed so that one of them could be master."

    def act(self, api: Api, s: Situation) -> None:
        api.member(s.successor.address).call(DISARM)

    def done(self, s: Situation) -> bool:
        """A master that serves with HA off was disarmed: that is how XAPI turns it off (xapi.ml:599)."""
        return _off_at(s)


DisarmCandidate.undo_with = (RestoreHa, RestoreTolerance)


@dataclass(frozen=True)
class DisarmFirst(DisarmCandidate):
    """A host that fences itself again and again answers for a minute or two between its boots. In that time it is
    disarmed from the inside: first the one that is to be master, since the others take their orders from it."""

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check("ha" in s.memory, "Its settings are kept", "Go back to the step that remembers them.")
        yield candidate_answers(s)


@dataclass(frozen=True)
class RestartToolstack(Step):
    """A disarmed master turns HA off for the pool only when its toolstack starts (xapi.ml:599). One in emergency mode
    starts by itself again and again; one that serves as master does not."""

    title = "Restart the toolstack of {successor}, so that HA goes off in its database"
    risk = Risk.MEDIUM
    sends = ("host.restart_agent",)
    undo = "Nothing to undo: guests are not touched."
    danger = "The pool answers nobody for a minute. Guests go on."
    within = 300.0
    settle = 30.0  # the answer comes first, the toolstack ends a second later and starts anew
    causes = WITHOUT_MASTER

    def applies(self, s: Situation) -> Check:
        pool = s.facts.pool
        serves = pool is not None and pool.master == s.successor.uuid and pool.ha.enabled
        return Check(
            serves,
            f"{s.successor.name} does not serve as master with HA on: its toolstack starts anew by itself",
        )

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield is_master_now(s)

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_ha(enabled=False)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call(
            "XenServer",
            f'host.restart_agent("{s.successor.ref}")',
            f"on {s.successor.name}: xe-toolstack-restart",
        )

    def act(self, api: Api, s: Situation) -> None:
        api.xapi.call("host.restart_agent", s.successor.ref)

    def done(self, s: Situation) -> bool:
        return _off_at(s)

    def progress(self, s: Situation) -> Progress:
        return _how_far(s)


@dataclass(frozen=True)
class HaIsOff(Step):
    """A disarmed master turns HA off for the pool when its toolstack starts, or tries again, a minute later at most.
    Until it says so nobody else may be disarmed."""

    title = "Wait until {successor} is master, with HA off"
    within = 600.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield is_master_now(s)
        yield Check(
            not s.pool.ha.enabled,
            "HA is off in the pool",
            f"It goes off when the toolstack starts anew: on {s.successor.name}, xe-toolstack-restart.",
        )

    def expect(self, s: Situation) -> Any:
        new = s.successor.uuid
        facts = s.known.with_master(new).with_ha(enabled=False)
        return facts.with_host(new, live=True, enabled=True)

    def done(self, s: Situation) -> bool:
        return _off_at(s)

    def progress(self, s: Situation) -> Progress:
        return _how_far(s)


def _off_at(s: Situation) -> bool:
    pool = s.facts.pool
    return pool is not None and pool.master == s.successor.uuid and not pool.ha.enabled


def _how_far(s: Situation) -> Progress:
    return Progress("The toolstack starts" if s.facts.pool is None else "It answers; HA is still on")


@dataclass(frozen=True)
class DisarmMember(Step):
    """An armed member refuses to follow a new master, and may fence itself. It is disarmed only now that the pool's HA
    is off, so that it finds its place when it looks."""

    member: str
    """uuid of the host."""
    name: str

    title = "Disarm HA on {name} itself"
    risk = Risk.MEDIUM
    sends = (DISARM,)
    undo = "HA goes on again for the whole pool, when every member is back."
    within = 120.0
    answer_is_proof = True
    so_already = NOT_ARMED
    skippable = True

    def heading(self, s: Situation) -> str:
        return self.title.format(name=self.name)

    def applies(self, s: Situation) -> Check:
        if not ha_was_on(s):
            return Check(False, "HA was off when the master answered last")
        host = self._host(s)
        if not answers(s, host):
            return Check(False, f"{self.name} does not answer; it finds HA off when it comes back")
        return Check(not follows(s, host), f"{self.name} follows the master already")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield is_master_now(s)
        yield Check(not s.pool.ha.enabled, "HA is off in the pool", "Disarm the master first.")

    def calls(self, s: Situation) -> Iterator[Call]:
        yield disarm_call(self._host(s))

    def act(self, api: Api, s: Situation) -> None:
        api.member(self._host(s).address).call(DISARM)

    def done(self, s: Situation) -> bool:
        return False

    def _host(self, s: Situation) -> Host:
        host = s.known_pool.host(self.member)
        if host is None:
            raise NotKnown(f"{self.name} is no longer a member.")
        return host


def disarm_call(host: Host) -> Call:
    """Never `soft`: that leaves the host armed in its own memory, and it would still refuse to become master."""
    return Call(
        "XenServer",
        f"{DISARM}() on {host.address}, local session",
        f"on {host.name}: xe host-emergency-ha-disable --force",
    )
