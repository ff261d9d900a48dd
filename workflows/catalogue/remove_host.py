"""Remove a host that is not the master: out of its pool and out of CloudStack. Alive or dead, it goes another way.

Alive:
1. Look at both captains.
2. Remember how HA is set.
3. Put the host into maintenance in CloudStack, with HA still on: emptying it is the longest part.
4. Wait until no guest is left.
5. Turn HA off: XAPI refuses the eject while it is on.
6. Eject the host. No way back: its local storage is wiped.
7. Delete it in CloudStack, after the eject: a member that CloudStack does not know would be added again.
8. Turn HA on, as it was, and set the failures to tolerate.
9. Verify the pool with both captains.

Dead: neither maintenance nor an eject is possible. Then
1. Look at the others; all of them have to be well.
2. Remember how HA is set.
3. State that the host is switched off, unless out-of-band management proves it.
4. Declare it dead, so that its guests count as halted.
5. Turn HA off.
6. Take its record out of the pool.
7. Delete it in CloudStack by force.
8. Turn HA on, as it was, and set the failures to tolerate.
9. Verify the pool with both captains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pools.facts import Facts, Host, PoolFacts
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Step, Workflow
from workflows.steps.cloudstack import DeleteInCloudStack, EnterMaintenance, NoGuestLeft
from workflows.steps.dead import DeclareDead, DestroyHost, ForceDeleteInCloudStack, StateItIsOff
from workflows.steps.ha import ENOUGH_HOSTS, DisableHa, RememberHa, RestoreHa, RestoreTolerance, StopHa
from workflows.steps.look import BothCaptainsAgree, LookAtBothCaptains, LookAtTheOthers
from workflows.steps.membership import EjectFromPool, no_local_disks

HOW_IT_ENDS: tuple[Step, ...] = (RestoreHa(), RestoreTolerance(), BothCaptainsAgree())
DEAD: tuple[Step, ...] = (
    LookAtTheOthers(),
    RememberHa(),
    StateItIsOff(),
    DeclareDead(),
    StopHa(),
    DestroyHost(),
    ForceDeleteInCloudStack(),
    *HOW_IT_ENDS,
)


class RemoveHost(Workflow):
    slug = "remove-host"
    title = "Remove {host} from {pool}"
    family = "Members and masters"
    why = (
        "Take a host that is not master out of the pool and out of CloudStack, with HA as it was at the end. A dead "
        "host cannot be emptied or ejected: it goes by its record, and somebody answers for its being off."
    )
    duration = "10 to 60 min, most of it moving guests"
    inputs = (Input("host", "Host to remove", "host", "Any member but the master."),)
    steps = (
        LookAtBothCaptains(),
        RememberHa(),
        EnterMaintenance(),
        NoGuestLeft(),
        DisableHa(),
        EjectFromPool(),
        DeleteInCloudStack(),
        *HOW_IT_ENDS,
    )
    other_ways: ClassVar[Mapping[str, tuple[Step, ...]]] = {"the host is dead": DEAD}

    def build(self, s: Situation) -> tuple[Step, ...]:
        return self.steps if _lives(s, s.host) else DEAD

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        pool = facts.pool
        if pool is None or name != "host":
            return ()
        ranked = [_candidate(pool, host) for host in pool.hosts]
        load = {h.uuid: len(pool.vms_on(h.uuid)) for h in pool.hosts}
        return tuple(sorted(ranked, key=lambda c: (len(c.out), len(c.con), load[c.value], c.label)))

    def refusals(self, s: Situation) -> Iterator[Check]:
        host = s.host
        yield Check(s.in_pool, f"{host.name} is a member of {s.pool.name}", "It has left already.")
        yield Check(
            s.pool.master != host.uuid, f"{host.name} is not the master", "Use remove master for the master."
        )
        answers = (seen := s.probe(host)) is None or seen.answers
        yield Check(
            answers or not host.live,
            f"It is clear whether {host.name} lives",
            "The pool counts it as live and it does not answer: without HA, XAPI notices that after 10 minutes.",
        )
        if _lives(s, host):
            yield no_local_disks(s)
            if s.has_cloudstack:
                yield Check(
                    s.cs_host is not None,
                    f"CloudStack knows {host.name}",
                    f"No host of cluster {s.cloudstack.cluster_name} has its address {host.address}: add it first.",
                )

    def warnings(self, s: Situation) -> Iterator[str]:
        left = len(s.pool.hosts) - 1
        if s.pool.ha.enabled and left < ENOUGH_HOSTS:
            yield f"Only {left} hosts will be left. HA stays off: fewer than {ENOUGH_HOSTS} fence each other."
        if not s.has_cloudstack:
            yield "This pool has no CloudStack: its steps are left out, and this run moves no guests."
        if not _lives(s, s.host):
            yield from _lost_with_it(s)


def _lives(s: Situation, host: Host) -> bool:
    """Live to the pool, or answering at its own address: a host that may run is never taken for dead here."""
    seen = s.probe(host)
    return host.live or bool(seen and seen.answers)


def _lost_with_it(s: Situation) -> Iterator[str]:
    disks = [f"{sr.name} ({sr.vdis})" for sr in s.pool.local_srs(s.host.uuid) if sr.vdis]
    if disks:
        yield f"Disks on its local storage go with it: {', '.join(disks)}."
    if guests := s.pool.vms_on(s.host.uuid):
        names = ", ".join(v.name for v in guests[:5]) + (", …" if len(guests) > 5 else "")
        yield f"{len(guests)} guests count as running there and will count as halted: {names}."


def _candidate(pool: PoolFacts, host: Host) -> Candidate:
    guests = len(pool.vms_on(host.uuid))
    out = ("is the master: use remove master",) if host.uuid == pool.master else ()
    con = (f"{guests} guests to move",) if guests and host.live else ()
    pro = () if guests else ("no guests",)
    state = "live" if host.live else "dead: goes by its record"
    return Candidate(host.uuid, host.name, (state, *pro), con, out)
