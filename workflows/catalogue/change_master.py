"""Change the master: hand the role to another member, with both alive.

1. Look at both captains: XAPI commits the change in two phases, and every member has to answer.
2. Remember how HA is set.
3. Turn HA off: XAPI refuses the change while it is on.
4. Make the other host the master. Never repeated quickly: a change half done breaks the new master.
5. Wait until both captains follow: hosts are disabled until they have said hello.
6. Turn HA on, as it was, with the timeout said out loud.
7. Set the failures to tolerate, if they came back different.
8. Verify the pool with both captains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Workflow
from workflows.steps.ha import ENOUGH_HOSTS, DisableHa, RememberHa, RestoreHa, RestoreTolerance
from workflows.steps.look import BothCaptainsFollow, LookAtBothCaptains, PoolIsWhole
from workflows.steps.master import DesignateMaster, fit_to_be_master, successors


class ChangeMaster(Workflow):
    slug = "change-master"
    title = "Make {successor} the master of {pool}"
    family = "Members and masters"
    why = (
        "Before work on the master, another member takes the role. XAPI refuses that while HA is on, and takes its own "
        "default timeout when HA goes on again without one: this keeps the settings and puts them back."
    )
    duration = "5 to 10 min"
    inputs = (Input("successor", "New master", "host", "Takes over the pool; guests are not touched."),)
    steps = (
        LookAtBothCaptains(),
        RememberHa(),
        DisableHa(),
        DesignateMaster(),
        BothCaptainsFollow(),
        RestoreHa(),
        RestoreTolerance(),
        PoolIsWhole(),
    )

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        return successors(facts, facts.pool.master) if facts.pool and name == "successor" else ()

    def refusals(self, s: Situation) -> Iterator[Check]:
        other = s.successor.uuid != s.pool.master
        yield Check(other, f"{s.successor.name} is not the master", "It has the role already: nothing to do.")
        yield from fit_to_be_master(s)

    def warnings(self, s: Situation) -> Iterator[str]:
        if s.pool.ha.enabled and len(s.pool.hosts) < ENOUGH_HOSTS:
            yield f"HA stays off: fewer than {ENOUGH_HOSTS} hosts fence each other."
