"""Break a fence loop: hosts that fence, boot and fence again, because none of them sees another one in time.

1. See which hosts loop, and wait for a moment in which the chosen one answers.
2. Remember how HA was set.
3. Disarm the chosen host from the inside, before any other. It need not be the master.
4. Make it the master, if it is not by its own file. No way back.
5. Wait until it is master and says that HA is off; restart its toolstack if it serves already and says that it is on.
6. Only then disarm the others: before that they would find a pool with HA on, and go into emergency mode.
7. Have them follow, wait until hosts and storage are ready, and CloudStack shows them Up.
8. Turn HA on as it was, only with three hosts or more and none of them dead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.facts import Facts, Host, PoolFacts
from pools.timing import timing
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Step, Workflow
from workflows.steps.disarming import (
    DisarmFirst,
    DisarmMember,
    HaIsOff,
    RememberHaFromBefore,
    RestartToolstack,
)
from workflows.steps.electing import LeadOutOfTheLoop
from workflows.steps.following import (
    CloudStackFollows,
    HostsAreReady,
    PointMembersAtMaster,
    RecoverMembers,
    RestoreHaWhenWhole,
    RestoreToleranceWhenWhole,
)
from workflows.steps.ha import ENOUGH_HOSTS
from workflows.steps.looping import SeeWhoLoops, looks_broken
from workflows.steps.masterless import ha_was_on, others


class BreakFenceLoop(Workflow):
    slug = "break-fence-loop"
    title = "Break the fence loop of {pool}, with {successor} first"
    family = "High availability"
    why = (
        "A host that sees no other one takes itself for isolated and resets itself; with two hosts, one switch or a "
        "short timeout they do so for ever, since they are never up together. HA is disarmed from the inside."
    )
    duration = "5 to 15 min"
    without_master = True
    inputs = (
        Input(
            "successor",
            "Host to disarm first",
            "host",
            "Best the master: it stays what it is, with its database.",
        ),
    )
    steps = (
        SeeWhoLoops(),
        RememberHaFromBefore(),
        DisarmFirst(),
        LeadOutOfTheLoop(),
        RestartToolstack(),
        HaIsOff(),
        DisarmMember("", ""),
        RecoverMembers(),
        PointMembersAtMaster(),
        HostsAreReady(),
        CloudStackFollows(),
        RestoreHaWhenWhole(),
        RestoreToleranceWhenWhole(),
    )

    def build(self, s: Situation) -> tuple[Step, ...]:
        at = self.steps.index(DisarmMember("", ""))
        members = tuple(DisarmMember(h.uuid, h.name) for h in others(s))
        return (*self.steps[:at], *members, *self.steps[at + 1 :])

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        pool = facts.pool
        if pool is None or name != "successor":
            return ()
        ranked = [_candidate(facts, pool, host) for host in pool.hosts]
        return tuple(sorted(ranked, key=lambda c: (len(c.out), len(c.con), -len(c.pro), c.label)))

    def refusals(self, s: Situation) -> Iterator[Check]:
        yield Check(
            ha_was_on(s), "HA was on when the pool last answered", "Without HA no host fences itself."
        )
        yield Check(
            looks_broken(s),
            "The pool has no master, or a member is in emergency mode",
            "A master answers and every member follows it: to turn HA off use disable HA.",
        )

    def warnings(self, s: Situation) -> Iterator[str]:
        yield from why_it_loops(s)
        if len(s.known_pool.hosts) < ENOUGH_HOSTS:
            yield (
                f"HA stays off: with fewer than {ENOUGH_HOSTS} hosts the loop would begin again. Add a host, then "
                "start enable HA; until then say in the pool's policy that operators recover the master."
            )


def why_it_loops(s: Situation) -> Iterator[str]:
    """What of this pool makes it loop, as far as the last answer of its master tells."""
    pool = s.known_pool
    silent = [h.name for h in pool.hosts if not ((p := s.probe(h)) and p.answers)]
    if len(pool.hosts) == 2:
        yield (
            "Why it loops: with two hosts, the one that is left cannot tell a dead neighbour from its own isolation. "
            "It fences itself, boots, waits for the other, and fences again, because they are never up together."
        )
    elif silent:
        yield f"Why it loops: {', '.join(silent)} cannot be seen, and a host that sees no majority fences itself."
    if pool.ha.timeout_s and pool.ha.timeout_s < timing(s.known.cloudstack).heartbeat_s:
        yield (
            f"The timeout is {pool.ha.timeout_s} s: a stumble of storage or network as short as that fences every "
            "host at once. 180 s rides it out."
        )


def _candidate(facts: Facts, pool: PoolFacts, host: Host) -> Candidate:
    seen = next((p for p in facts.probes if p.address == host.address), None)
    pro, con = [], []
    if host.uuid == pool.master:
        pro.append("is the master: nothing of the database is lost")
    else:
        con.append("not the master: its copy of the database may be minutes old")
    if seen and seen.answers:
        pro.append("in emergency mode, answers" if seen.emergency else "answers")
    else:
        con.append("silent now; it is waited for between two boots")
    return Candidate(host.uuid, host.name, tuple(pro), tuple(con))
