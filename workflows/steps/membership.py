"""Steps about who is in the pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Api, Call, Causes, Check, Handle, Risk, Step, Traces
from workflows.steps import checks


@dataclass(frozen=True)
class EjectFromPool(Step):
    """The host leaves the pool. XAPI unplugs its storage, wipes its local storage and its part of the database, and
    reboots it as a pool of its own. CloudStack does not do this since 4.4: a host deleted there stays in the pool."""

    title = "Eject {host} from the pool"
    risk = Risk.FINAL
    sends = ("pool.eject",)
    undo = "No way back: the host comes back empty and has to be joined like a new one."
    danger = "Local storage of the host is wiped, and it reboots as a pool of its own."
    within = 900.0
    settle = 15.0
    traces = Traces(tasks=("Async.pool.eject",), operations=("eject",))
    causes = Causes(
        host=(
            "host-dead",
            "host-disabled",
            "host-storage-detached",
            "host-not-in-pool",
            "cloudstack-alert",
            "cloudstack-down",
            "cloudstack-disconnected",
            "cloudstack-stale-up",
        )
    )

    def preconditions(self, s: Situation) -> Iterator[Check]:
        host = s.host
        yield checks.ha_is_off(s)
        yield Check(
            s.pool.master != host.uuid,
            f"{host.name} is not the master",
            "Make another host the master first.",
        )
        yield checks.is_live(s, host)
        yield checks.no_guest_on(s, host)
        yield no_local_disks(s)
        yield checks.nothing_under_way(s)

    def expect(self, s: Situation) -> Facts:
        return s.facts.without_host(s.host.uuid)

    def calls(self, s: Situation) -> Iterator[Call]:
        host = s.host
        yield Call("XenServer", f'Async.pool.eject("{host.ref}")', f"xe pool-eject host-uuid={host.uuid}")

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("pool.eject", s.host.ref))

    def done(self, s: Situation) -> bool:
        return not s.in_pool


def no_local_disks(s: Situation) -> Check:
    """XAPI does not look at local disks before it wipes them, so this does."""
    full = [f"{sr.name} ({sr.vdis})" for sr in s.pool.local_srs(s.host.uuid) if sr.vdis]
    return Check(
        not full,
        f"No disk is kept on local storage of {s.host.name}",
        f"Move or delete the disks there first, an eject wipes them: {', '.join(full)}.",
    )
