"""Settle debts: put back what a run that has ended left owing.

1. Look at both captains.
2. Turn HA on, as that run had found it, and set the failures to tolerate.
3. Cancel the host's maintenance in CloudStack; or, once the host has left the pool, delete it there.

A debt that somebody has paid by hand meanwhile is found to be so, and nothing is called for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.situation import Situation
from workflows.engine.step import Check, Input, Step, Workflow
from workflows.steps.cloudstack import CancelMaintenance, DeleteInCloudStack
from workflows.steps.ha import ENOUGH_HOSTS, RestoreHa, RestoreTolerance
from workflows.steps.look import LookAtBothCaptains

OWED = "owed"
"""Key of the memory that holds the kinds of debt, put there when the run is planned."""


class SettleDebts(Workflow):
    slug = "settle-debts"
    title = "Put back what run {run} left owing on {pool}"
    family = "High availability"
    why = (
        "A run that ended early leaves behind what it had not put back: HA off, a host in maintenance. What it "
        "remembered is used to put it back exactly as it was found."
    )
    duration = "2 to 5 min"
    listed = False
    inputs = (
        Input("run", "Run that owes", "text"),
        Input("host", "Its host", "host", required=False),
    )
    steps = (LookAtBothCaptains(), RestoreHa(), RestoreTolerance(), CancelMaintenance(), DeleteInCloudStack())

    def heading(self, s: Situation) -> str:
        pool = s.baseline.pool.name if s.baseline.pool else "the pool"
        return self.title.format(run=s.inputs.get("run", "?"), pool=pool)

    def build(self, s: Situation) -> tuple[Step, ...]:
        owed = s.memory.get(OWED, ())
        steps: list[Step] = [LookAtBothCaptains()]
        if "ha" in owed:
            steps += [RestoreHa(), RestoreTolerance()]
        if "maintenance" in owed:
            steps.append(CancelMaintenance() if s.in_pool else DeleteInCloudStack())
        return tuple(steps)

    def refusals(self, s: Situation) -> Iterator[Check]:
        owed = s.memory.get(OWED, ())
        yield Check(bool(owed), "Something is owed", "Every debt of that run is paid: nothing to do.")
        if "ha" in owed:
            yield Check(
                len(s.pool.hosts) >= ENOUGH_HOSTS,
                f"At least {ENOUGH_HOSTS} hosts are left for HA",
                "With fewer they would fence each other: add a host, then enable HA.",
            )
