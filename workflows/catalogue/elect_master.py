"""Elect a master in an emergency: for a pool whose master is dead and is not coming back soon.

1.  Find out whether it is really dead: a second master beside a living one destroys the pool's database.
2.  State that it is switched off, by its name, unless out-of-band management proves it.
3.  If HA was on: remember its settings, and disarm the candidate first. The members come later.
4.  Emergency transition of the candidate. No way back.
5.  Wait until login works, and compare its database with what the old master showed last.
6.  Have the members follow, and ask each of them: the call swallows errors.
7.  Declare the old master dead, by its name, so that its guests count as halted. No way back.
8.  Wait until hosts and storage are ready, and CloudStack shows them Up. It needs no call.
9.  If HA was on: turn it on as it was, once no member is dead. If not, enable HA is the next thing to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pools.facts import Facts, Host, PoolFacts
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Candidate, Check, Glance, Input, Step, Workflow
from workflows.steps.dead import DeclareDead, StateItIsOff
from workflows.steps.disarming import DisarmCandidate, DisarmMember, RememberHaFromBefore
from workflows.steps.electing import EmergencyTransition, IsItDead
from workflows.steps.following import (
    CloudStackFollows,
    CompareDatabase,
    HostsAreReady,
    PointMembersAtMaster,
    RecoverMembers,
    RestoreHaWhenWhole,
    RestoreToleranceWhenWhole,
)
from workflows.steps.masterless import (
    candidate_answers,
    cloudstack_leaves_it,
    ha_was_on,
    no_master_answers,
    nobody_took_over,
    old_master,
    others,
)
from workflows.steps.outage import in_short

AFTER_IT: tuple[Step, ...] = (
    RecoverMembers(),
    PointMembersAtMaster(),
    DeclareDead(),
    HostsAreReady(),
    CloudStackFollows(),
)


def _armed(*members: DisarmMember) -> tuple[Step, ...]:
    """The way when HA was on: the candidate is disarmed first, the members once they have a master."""
    return (
        IsItDead(),
        StateItIsOff(),
        RememberHaFromBefore(),
        DisarmCandidate(),
        EmergencyTransition(),
        CompareDatabase(),
        *members,
        *AFTER_IT,
        RestoreHaWhenWhole(),
        RestoreToleranceWhenWhole(),
    )


class ElectMaster(Workflow):
    slug = "elect-master"
    title = "Elect {successor} master of {pool}: {host} is dead"
    family = "Members and masters"
    why = (
        "The master is dead and nobody elects another: HA is off, and CloudStack 4.3.2, 4.4 and later do it no more. "
        "Without a master nothing in the pool can be started, moved or changed."
    )
    duration = "5 to 15 min"
    without_master = True
    inputs = (
        Input("host", "Dead master", "host", "The master when the pool last answered."),
        Input("successor", "New master", "host", "A member that answers now, with its storage attached."),
    )
    steps = (IsItDead(), StateItIsOff(), EmergencyTransition(), CompareDatabase(), *AFTER_IT)

    other_ways: ClassVar[Mapping[str, tuple[Step, ...]]] = {"HA was on": _armed(DisarmMember("", ""))}

    def build(self, s: Situation) -> tuple[Step, ...]:
        if not ha_was_on(s):
            return self.steps
        return _armed(*(DisarmMember(h.uuid, h.name) for h in others(s)))

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        pool = facts.pool
        if pool is None:
            return ()
        master = pool.master_host
        if name == "host":
            return (Candidate(master.uuid, master.name, ("was the master",)),) if master else ()
        ranked = [_candidate(facts, pool, host) for host in pool.hosts if host.uuid != pool.master]
        load = {h.uuid: len(pool.vms_on(h.uuid)) for h in pool.hosts}
        return tuple(sorted(ranked, key=lambda c: (len(c.out), len(c.con), load[c.value], c.label)))

    def refusals(self, s: Situation) -> Iterator[Check]:
        old = old_master(s)
        yield Check(
            s.host.uuid == old.uuid, f"{s.host.name} was the master", f"{old.name} was: choose that one."
        )
        yield Check(s.successor.uuid != old.uuid, "The new master is another host", "Choose another host.")
        yield no_master_answers(s)
        yield nobody_took_over(s)
        yield cloudstack_leaves_it(s)
        yield candidate_answers(s)

    def glance(self, s: Situation) -> Iterator[Glance]:
        yield from in_short(s, self.candidates("successor", s.known, s.inputs))


def _candidate(facts: Facts, pool: PoolFacts, host: Host) -> Candidate:
    """Why, and why not, as far as it can be known without a master: how it answers now, and what it was last."""
    master = pool.master_host
    if master is None:
        raise NotKnown("It is not known who was master when the pool last answered.")
    seen = next((p for p in facts.probes if p.address == host.address), None)
    answers = bool(seen and seen.answers)
    out = [] if answers else ["does not answer"]
    if host.version != master.version:
        out.append(f"runs {host.version}, the master runs {master.version}")
    pro, con = ["answers"] if answers else [], []
    if seen and seen.emergency:
        con.append("in emergency mode")
    lost = [sr.name for sr in pool.detached(host.uuid)]
    (con if lost else pro).append(f"storage unplugged: {', '.join(lost)}" if lost else "all storage attached")
    if not host.enabled:
        con.append("was disabled")
    if cs := facts.cs_host(host):
        (pro if cs.state == "Up" else con).append(f"CloudStack shows it {cs.state}")
    guests = len(pool.vms_on(host.uuid))
    pro.append(f"{guests} guests" if guests else "no guests")
    return Candidate(host.uuid, host.name, tuple(pro), tuple(con), tuple(out))
