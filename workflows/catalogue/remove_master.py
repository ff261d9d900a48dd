"""Remove a pool master: take the host that is master out of its pool and out of CloudStack.

1.  Look at both captains; nothing is touched on a pool in trouble.
2.  Remember how HA is set.
3.  Put the host into maintenance in CloudStack, with HA still on: emptying it is the longest part.
4.  Wait until no guest is left.
5.  Turn HA off: XAPI refuses the next two steps while it is on.
6.  Make another host the master.
7.  Wait until both captains follow.
8.  Eject the host. No way back: its local storage is wiped.
9.  Delete it in CloudStack, after the eject: a member that CloudStack does not know would be added again.
10. Turn HA on, as it was, with the timeout said out loud.
11. Set the failures to tolerate, if they came back different.
12. Verify the pool with both captains.

The master is not disabled in XAPI while it is master: CloudStack could not reconnect any host of the pool then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Workflow
from workflows.steps.cloudstack import DeleteInCloudStack, EnterMaintenance, NoGuestLeft
from workflows.steps.ha import ENOUGH_HOSTS, DisableHa, RememberHa, RestoreHa, RestoreTolerance
from workflows.steps.look import BothCaptainsAgree, BothCaptainsFollow, LookAtBothCaptains
from workflows.steps.master import DesignateMaster, fit_to_be_master, successors
from workflows.steps.membership import EjectFromPool, no_local_disks


class RemoveMaster(Workflow):
    slug = "remove-master"
    title = "Remove master {host} from {pool}"
    family = "Members and masters"
    why = (
        "Take the host that is pool master out of the pool and out of CloudStack. With HA on neither lets it go: "
        "it takes HA off, a new master, an eject, a delete in CloudStack and HA on again, in this order."
    )
    duration = "15 to 60 min, most of it moving guests"
    inputs = (
        Input("host", "Host to remove", "host", "The pool's master."),
        Input("successor", "New master", "host", "Takes over the pool; guests on it are not touched."),
    )
    steps = (
        LookAtBothCaptains(),
        RememberHa(),
        EnterMaintenance(),
        NoGuestLeft(),
        DisableHa(),
        DesignateMaster(),
        BothCaptainsFollow(),
        EjectFromPool(),
        DeleteInCloudStack(),
        RestoreHa(),
        RestoreTolerance(),
        BothCaptainsAgree(),
    )

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        if facts.pool is None:
            return ()
        master = facts.pool.master_host
        if name == "host":
            return (Candidate(master.uuid, master.name, ("is the master",)),) if master else ()
        return successors(facts, inputs.get("host") or facts.pool.master)

    def refusals(self, s: Situation) -> Iterator[Check]:
        yield Check(
            s.pool.master == s.host.uuid,
            f"{s.host.name} is the master of {s.pool.name}",
            "For a host that is not master, use remove host.",
        )
        yield Check(s.successor.uuid != s.host.uuid, "The new master is another host", "Choose another host.")
        yield Check(
            len(s.pool.hosts) > 1, "The pool has other members", "A pool of one cannot lose its only host."
        )
        yield from fit_to_be_master(s)
        yield no_local_disks(s)
        if s.has_cloudstack:
            yield Check(
                s.cs_host is not None,
                f"CloudStack knows {s.host.name}",
                f"No host of cluster {s.cloudstack.cluster_name} has its address {s.host.address}: add it there first.",
            )

    def warnings(self, s: Situation) -> Iterator[str]:
        left = len(s.pool.hosts) - 1
        if s.pool.ha.enabled and left < ENOUGH_HOSTS:
            yield f"Only {left} hosts will be left. HA stays off: fewer than {ENOUGH_HOSTS} fence each other."
        if not s.has_cloudstack:
            yield "This pool has no CloudStack: its steps are left out, and this run moves no guests."
