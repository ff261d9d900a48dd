"""Settle debts: put back what a run that has ended left owing.

1. Let CloudStack manage the cluster again, and wait for its hosts.
2. Enable the hosts that were disabled.
3. Cancel their maintenance in CloudStack; or, once a host has left the pool, delete it there.
4. Look at both captains, and turn HA on, as that run had found it; set the failures to tolerate.

HA comes last, and stays owed while it cannot come back: with a member dead, or with fewer than three left.

A debt that somebody has paid by hand meanwhile is found to be so, and nothing is called for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.situation import Situation
from workflows.engine.step import Check, Input, Step, Workflow
from workflows.steps import checks
from workflows.steps.cloudstack import DeleteInCloudStack
from workflows.steps.cluster import ClusterIsUp, TakeClusterBack
from workflows.steps.ha import ENOUGH_HOSTS, RestoreHa, RestoreTolerance
from workflows.steps.look import LookAtBothCaptains
from workflows.steps.rolling import CancelOne, EnableOne

OWED, HOSTS = "owed", "owed_hosts"
"""Keys of the memory that hold the kinds of debt, and of each kind the hosts that it is about; put there when the run
is planned."""


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
    steps = (
        TakeClusterBack(),
        ClusterIsUp(),
        EnableOne(),
        CancelOne(),
        DeleteInCloudStack(),
        LookAtBothCaptains(),
        RestoreHa(),
        RestoreTolerance(),
    )

    def heading(self, s: Situation) -> str:
        pool = s.baseline.pool.name if s.baseline.pool else "the pool"
        return self.title.format(run=s.inputs.get("run", "?"), pool=pool)

    def build(self, s: Situation) -> tuple[Step, ...]:
        owed = s.memory.get(OWED, ())
        steps: list[Step] = [TakeClusterBack(), ClusterIsUp()] if "unmanaged" in owed else []
        if "host-disabled" in owed:
            steps += [EnableOne(host) for host in _hosts(s, "host-disabled")]
        if "maintenance" in owed:
            steps += [_out_of_maintenance(s, host) for host in _hosts(s, "maintenance")]
        if "ha" in owed and all(check.ok for check in _ha_can_come_back(s)):
            steps += [LookAtBothCaptains(), RestoreHa(), RestoreTolerance()]
        return tuple(steps)

    def refusals(self, s: Situation) -> Iterator[Check]:
        owed = s.memory.get(OWED, ())
        yield Check(bool(owed), "Something is owed", "Every debt of that run is paid: nothing to do.")
        if set(owed) == {"ha"}:
            yield from _ha_can_come_back(s)

    def warnings(self, s: Situation) -> Iterator[str]:
        """What else is owed is put back even while HA cannot be."""
        owed = set(s.memory.get(OWED, ()))
        if "ha" in owed and owed != {"ha"}:
            yield from (f"HA stays owed. {check.cure}" for check in _ha_can_come_back(s) if not check.ok)


def _ha_can_come_back(s: Situation) -> tuple[Check, ...]:
    enough = Check(
        len(s.pool.hosts) >= ENOUGH_HOSTS,
        f"At least {ENOUGH_HOSTS} hosts are left for HA",
        "With fewer they would fence each other: add a host, then enable HA.",
    )
    return enough, checks.all_live(s)


def _hosts(s: Situation, kind: str) -> list[str]:
    """The hosts that debts of a kind are about; the run's own where it was about one."""
    return list(s.memory.get(HOSTS, {}).get(kind) or [s.host.uuid])


def _out_of_maintenance(s: Situation, host: str) -> Step:
    """A host that has left the pool must not be taken back by CloudStack."""
    return CancelOne(host) if s.pool.host(host) else DeleteInCloudStack()
