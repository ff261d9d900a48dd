"""Unprotect VMs: XenServer HA no longer restarts guests, since CloudStack does.

1. Clear ha_restart_priority, one step for each guest that has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.situation import Situation
from workflows.engine.step import Check, Step, Workflow
from workflows.steps.guests import UnprotectGuest, unprotect_all


class UnprotectVms(Workflow):
    slug = "unprotect-vms"
    title = "Let XenServer HA restart no guest of {pool}"
    family = "High availability"
    why = (
        "After a crash CloudStack restarts the guests. If XenServer HA restarts them as well, two copies of a guest "
        "write the same disk, and it corrupts. XenCenter's wizard protects guests unless somebody says no."
    )
    duration = "a minute"
    steps = (UnprotectGuest("", ""),)

    def build(self, s: Situation) -> tuple[Step, ...]:
        return unprotect_all(s)

    def refusals(self, s: Situation) -> Iterator[Check]:
        found = bool(unprotect_all(s))
        yield Check(
            found, "XenServer HA would restart some guest", "None is protected: there is nothing to do."
        )
