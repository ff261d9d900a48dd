"""Steps of an emergency election: a dead master is proven dead, and a member takes its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Api, Call, Check, Progress, Risk, Step
from workflows.steps.masterless import (
    WITHOUT_MASTER,
    answers,
    candidate_answers,
    ha_had_its_time,
    no_master_answers,
    nobody_took_over,
    old_master,
)


@dataclass(frozen=True)
class IsItDead(Step):
    """A second master beside a living one destroys the pool's database. The old one must be silent at its own address,
    no member may follow another one, and while HA can still elect, XenServer goes first."""

    title = "Find out whether {host} is really dead"
    within = 600.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield no_master_answers(s)
        yield nobody_took_over(s)
        yield ha_had_its_time(s)
        yield candidate_answers(s)

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))

    def stuck(self, s: Situation) -> str:
        master = s.facts.pool.master_host if s.facts.pool else None
        return f"{master.name} answers as the master: there is nothing to elect." if master else ""

    def progress(self, s: Situation) -> Progress:
        open_ = [f"{c.says}: not yet. {c.cure}" for c in self.preconditions(s) if not c.ok]
        return Progress(" ".join(open_) or "It is")


@dataclass(frozen=True)
class EmergencyTransition(Step):
    """Nobody else makes a master: HA is off or has failed, and CloudStack does it no more. The host restarts its
    toolstack as master, on its own copy of the database."""

    title = "Make {successor} the master, in an emergency"
    risk = Risk.FINAL
    sends = ("pool.emergency_transition_to_master",)
    undo = "No way back: the old master must not come back as master."
    danger = "What is younger than its copy of the database is forgotten. If the old master still runs, there are two."
    within = 600.0
    settle = (
        90.0  # it answers, ends 5 to 10 s later, and starts anew: until then the old picture proves nothing
    )
    causes = WITHOUT_MASTER

    def typed(self, s: Situation) -> str:
        return s.successor.name

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield no_master_answers(s)
        yield nobody_took_over(s)
        yield ha_had_its_time(s)
        yield candidate_answers(s)

    def expect(self, s: Situation) -> Facts:
        """HA is off on it, and every other host counts as dead until it has said hello."""
        new = s.successor
        facts = replace(s.known, pool_trouble=None).with_master(new.uuid).with_ha(enabled=False)
        for host in s.known_pool.hosts:
            facts = facts.with_host(host.uuid, live=host.uuid == new.uuid)
        mine = (replace(p, master=new.address) if p.address == new.address else p for p in s.facts.probes)
        return replace(facts, probes=tuple(mine))

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call(
            "XenServer",
            f"pool.emergency_transition_to_master() on {s.successor.address}, local session",
            f"on {s.successor.name}: xe pool-emergency-transition-to-master",
        )

    def act(self, api: Api, s: Situation) -> None:
        api.member(s.successor.address).call("pool.emergency_transition_to_master")

    def done(self, s: Situation) -> bool:
        """Login works, and it is the master in its own database."""
        return s.facts.pool is not None and s.facts.pool.master == s.successor.uuid

    def stuck(self, s: Situation) -> str:
        master = s.facts.pool.master_host if s.facts.pool else None
        wrong = master is not None and master.uuid != s.successor.uuid
        return f"{master.name} answers as the master instead." if master and wrong else ""

    def progress(self, s: Situation) -> Progress:
        return Progress(
            f"{s.successor.name} {'answers, not as master yet' if answers(s, s.successor) else 'restarts'}"
        )


@dataclass(frozen=True)
class LeadOutOfTheLoop(EmergencyTransition):
    """The host that was disarmed is not the master by its own file, and the one that is fences itself or is gone: the
    role goes to the one that stands still."""

    def applies(self, s: Situation) -> Check:
        by_itself = old_master(s).uuid == s.successor.uuid
        return Check(not by_itself, f"{s.successor.name} is the master by its own file")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(
            s.facts.pool is None, "Nobody answers as master", "A master answers: it leads the pool out."
        )
        yield candidate_answers(s)
