"""Steps that CloudStack carries out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.cloudstack_facts import CsHost
from pools.facts import Facts
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Causes, Check, Handle, Progress, Risk, Step, Traces
from workflows.steps import checks

PREPARING = ("PrepareForMaintenance", "ErrorInPrepareForMaintenance", "ErrorInMaintenance")


@dataclass(frozen=True)
class EnterMaintenance(Step):
    """CloudStack moves the guests away and starts none there again. HA is still on meanwhile, so that the pool is
    without protection only for the short part that needs it. The job succeeds when the moves are merely scheduled,
    so the host's resource state is what counts."""

    title = "Put {host} into maintenance in CloudStack"
    risk = Risk.MEDIUM
    sends = ("prepareHostForMaintenance",)
    undo = "Cancel the maintenance; guests do not move back by themselves."
    danger = "Every guest on the host is live-migrated; system VMs there are stopped and made anew elsewhere."
    within = 3600.0
    traces = Traces(
        jobs=("PrepareForHostMaintenanceCmd", "PrepareForMaintenanceCmd"),
        resource_states=("PrepareForMaintenance",),
    )
    causes = Causes(host=("cloudstack-disconnected",))
    owes = "maintenance"

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        host = required(s)
        yield Check(
            host.state == "Up",
            f"CloudStack shows {host.name} Up",
            "It moves guests only from a host that is Up.",
        )
        yield Check(
            host.resourcestate == "Enabled",
            f"{host.name} is Enabled in CloudStack",
            f"Its resource state is {host.resourcestate}: CloudStack refuses maintenance from there.",
        )
        yield _nobody_else_prepares(s, host)
        yield _somewhere_to_go(s, host)
        yield _room_for_guests(s)

    def expect(self, s: Situation) -> Facts:
        host = required(s)
        return s.facts.with_cs_host(host.id, resourcestate="Maintenance").with_vms_off(s.host.uuid)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield by_id("prepareHostForMaintenance", required(s))

    def owing(self, s: Situation) -> str:
        return f"{required(s).name} is in maintenance in CloudStack."

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("cloudstack-job", api.cloudstack.start("prepareHostForMaintenance", id=required(s).id))

    def done(self, s: Situation) -> bool:
        return s.cs_host is None or s.cs_host.resourcestate == "Maintenance"

    def stuck(self, s: Situation) -> str:
        host = s.cs_host
        if host and host.resourcestate.startswith("ErrorIn"):
            return f"CloudStack gave up: {host.name} is in {host.resourcestate}."
        return ""

    def progress(self, s: Situation) -> Progress:
        left = len(s.pool.vms_on(s.host.uuid))
        state = s.cs_host.resourcestate if s.cs_host else "deleted"
        return Progress(f"{left} guests left, resource state {state}", left=left)


@dataclass(frozen=True)
class NoGuestLeft(Step):
    """CloudStack knows only its own guests. One that was started by hand, or suspended, would be found by the eject:
    better to find it now."""

    title = "Wait until no guest is left on {host}"
    within = 600.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.no_guest_on(s, s.host)

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_vms_off(s.host.uuid)

    def done(self, s: Situation) -> bool:
        return not s.pool.vms_on(s.host.uuid)

    def progress(self, s: Situation) -> Progress:
        left = len(s.pool.vms_on(s.host.uuid))
        return Progress(f"{left} guests left", left=left)


@dataclass(frozen=True)
class CancelMaintenance(Step):
    """The host is handed back to CloudStack, which may start guests there again."""

    title = "Cancel the maintenance of {host} in CloudStack"
    risk = Risk.LOW
    sends = ("cancelHostMaintenance",)
    undo = "Put the host into maintenance again."
    within = 300.0
    traces = Traces(jobs=("CancelHostMaintenanceCmd", "CancelMaintenanceCmd"))
    pays = ("maintenance",)

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(
            s.cs_host is not None,
            f"CloudStack still knows {s.host.name}",
            "It was deleted there: nothing is owed.",
        )
        yield Check(
            s.in_pool,
            f"{s.host.name} is a member of the pool",
            "It has left: CloudStack must not take it back. End the run as it is, then settle what it owes.",
        )

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_cs_host(required(s).id, resourcestate="Enabled")

    def calls(self, s: Situation) -> Iterator[Call]:
        yield by_id("cancelHostMaintenance", required(s))

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("cloudstack-job", api.cloudstack.start("cancelHostMaintenance", id=required(s).id))

    def done(self, s: Situation) -> bool:
        return s.cs_host is not None and s.cs_host.resourcestate == "Enabled"


@dataclass(frozen=True)
class DeleteInCloudStack(Step):
    """Only now that the host has left the pool: CloudStack adds every member that it does not know whenever a host is
    added to the cluster, so a host that is still in the pool would come back."""

    title = "Delete {host} in CloudStack"
    risk = Risk.MEDIUM
    sends = ("deleteHost",)
    undo = "Join the host to the pool and add it to CloudStack like a new one."
    danger = "CloudStack forgets the host."
    within = 300.0
    settle = 15.0  # a synchronous command leaves no job to look for: give a lost one time to take effect
    causes = Causes(host=("host-unknown-to-cloudstack",))
    pays = ("maintenance",)

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(not s.in_pool, f"{s.host.name} has left the pool", "Eject it first.")
        host = s.cs_host
        yield Check(
            host is not None and host.resourcestate == "Maintenance",
            f"{s.host.name} is in Maintenance in CloudStack",
            "CloudStack deletes a host only from Maintenance; Disabled is not enough.",
        )

    def expect(self, s: Situation) -> Facts:
        return s.facts.without_cs_host(required(s).id)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield by_id("deleteHost", required(s))

    def act(self, api: Api, s: Situation) -> None:
        api.cloudstack.do("deleteHost", id=required(s).id)

    def done(self, s: Situation) -> bool:
        return s.cs_host is None


EnterMaintenance.undo_with = (CancelMaintenance,)


def required(s: Situation) -> CsHost:
    """CloudStack's record of the run's host, or a clear error."""
    if s.cs_host is None:
        raise NotKnown(
            f"CloudStack shows no host with the address of {s.host.name} ({s.host.address}) in this cluster."
        )
    return s.cs_host


def by_id(command: str, host: CsHost) -> Call:
    return Call("CloudStack", f"POST command={command} id={host.id}", f"cmk {_verb(command)} id={host.id}")


def _verb(command: str) -> str:
    """CloudMonkey writes `prepareHostForMaintenance` as `prepare hostformaintenance`."""
    cut = next(i for i, letter in enumerate(command) if letter.isupper())
    return f"{command[:cut]} {command[cut:].lower()}"


def _nobody_else_prepares(s: Situation, host: CsHost) -> Check:
    others = [h.name for h in s.cloudstack.hosts if h.id != host.id and h.resourcestate in PREPARING]
    return Check(
        not others,
        "No other host of the cluster is on its way into maintenance",
        f"CloudStack empties one host of a cluster at a time: wait for {', '.join(others)}.",
    )


def _somewhere_to_go(s: Situation, host: CsHost) -> Check:
    up = [
        h for h in s.cloudstack.hosts if h.id != host.id and h.state == "Up" and h.resourcestate == "Enabled"
    ]
    return Check(
        bool(up),
        "Another host of the cluster is Up and Enabled",
        "CloudStack up to 4.5 stops every guest when the last host goes, later versions fail half-way.",
    )


def _room_for_guests(s: Situation) -> Check:
    """Free memory as XAPI tells it; silent when it does not."""
    others = [h for h in s.pool.hosts if h.uuid != s.host.uuid and h.live and h.enabled]
    free = [h.memory_free for h in others if h.memory_free is not None]
    need = sum(v.memory for v in s.pool.vms_on(s.host.uuid))
    fits = not free or sum(free) >= need
    detail = (
        f"{need / 2**30:.0f} GiB to move, {sum(free) / 2**30:.0f} GiB free"
        if free
        else "free memory is not known"
    )
    return Check(
        fits, "The other hosts have the memory for its guests", "Stop guests, or add a host first.", detail
    )
