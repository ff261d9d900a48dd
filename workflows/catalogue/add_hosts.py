"""Add hosts: take new hosts into a pool, and let CloudStack discover them.

1. Look at both captains.
2. Compare each new host with the master: everything that XAPI will ask.
3. Remember how HA is set; turn it off: XAPI takes nobody in while it is on.
4. Join one host after the other.
5. Wait until they are live and enabled, with the pool's storage.
6. Turn HA on, as it was; set the failures to tolerate, if they came back different.
7. Add one of them to CloudStack, which discovers the others; wait until all are Up.

To XenServer first and to CloudStack last: it refuses a host that is not in the pool of its cluster, with a bare 530.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.situation import Situation
from workflows.engine.step import Check, Input, Step, Workflow
from workflows.steps.discovering import AddToCloudStack, AllDiscovered
from workflows.steps.ha import DisableHa, RememberHa, RestoreHa, RestoreTolerance
from workflows.steps.joining import STRANGERS, InspectNewcomers, JoinPool, MembersReady, joins, unfit
from workflows.steps.look import LookAtBothCaptains

STRANGERS_INPUT = Input(
    STRANGERS,
    "New hosts",
    "strangers",
    "The address of each on a line of its own. Each is compared with the master when the plan is made.",
)
LOGIN_INPUT = Input(
    "login",
    "Their root login",
    "login",
    "Kept encrypted until the run ends, and shown nowhere.",
    required=False,
)


class AddHosts(Workflow):
    slug = "add-hosts"
    title = "Add hosts to {pool}"
    family = "Members and masters"
    why = (
        "A host that is simply added to CloudStack is refused with a bare 530: it has to be in the pool first, and "
        "a pool with HA on takes nobody in. Added to the pool, one call makes CloudStack discover all of them."
    )
    duration = "5 to 20 min"
    inputs = (STRANGERS_INPUT, LOGIN_INPUT)
    steps = (
        LookAtBothCaptains(),
        InspectNewcomers(),
        RememberHa(),
        DisableHa(),
        JoinPool("", ""),
        MembersReady(),
        RestoreHa(),
        RestoreTolerance(),
        AddToCloudStack(),
        AllDiscovered(),
    )

    def build(self, s: Situation) -> tuple[Step, ...]:
        before = (LookAtBothCaptains(), InspectNewcomers(), RememberHa(), DisableHa())
        after = (MembersReady(), RestoreHa(), RestoreTolerance(), AddToCloudStack(), AllDiscovered())
        return (*before, *joins(s), *after)

    def refusals(self, s: Situation) -> Iterator[Check]:
        yield from unfit(s)

    def warnings(self, s: Situation) -> Iterator[str]:
        if s.pool.ha.enabled:
            yield "HA is off while hosts join: if the master dies meanwhile, nobody elects a new one."
        if not s.has_cloudstack:
            yield "This pool has no CloudStack: its steps are left out."
