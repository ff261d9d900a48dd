"""Steps about a host that is rebooted: disable it, empty it, reboot it, see it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pools.facts import Facts
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Causes, Check, Handle, Progress, Risk, Step, Traces
from workflows.steps import checks, room
from workflows.steps.each import LEFT_OUT
from workflows.steps.host import EnableHost


@dataclass(frozen=True)
class DisableHost(Step):
    """XAPI reboots only a host that is disabled. From now on no guest starts there, by whomever."""

    title = "Disable {host} in the pool"
    risk = Risk.MEDIUM
    sends = ("host.disable",)
    undo = "Enable it again: xe host-enable."
    within = 300.0
    traces = Traces(tasks=("Async.host.disable",))
    causes = Causes(host=("host-disabled", "cloudstack-alert", "cloudstack-disconnected"))
    owes = "host-disabled"

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.is_live(s, s.host)
        yield checks.ha_is_off(s)
        if s.has_cloudstack:
            yield in_maintenance(s)

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_host(s.host.uuid, enabled=False)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", f'Async.host.disable("{s.host.ref}")', f"xe host-disable uuid={s.host.uuid}")

    def owing(self, s: Situation) -> str:
        return f"{s.host.name} is disabled in the pool." if s.host.enabled else ""

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("host.disable", s.host.ref))

    def done(self, s: Situation) -> bool:
        return not s.host.enabled


@dataclass(frozen=True)
class EvacuateHost(Step):
    """CloudStack moves only the guests that it knows. What else runs there is moved by XAPI, and so is everything
    where there is no CloudStack: a reboot asks no guest whether it minds."""

    title = "Empty {host}"
    risk = Risk.MEDIUM
    sends = ("host.evacuate",)
    undo = "Guests do not move back by themselves; they are brought back at the end of the run."
    danger = "Every guest on the host is live-migrated."
    within = 3600.0
    traces = Traces(tasks=("Async.host.evacuate",), operations=("evacuate",))

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.is_live(s, s.host)
        yield checks.ha_is_off(s)
        yield is_disabled(s)
        yield room.emptied(s.pool, s.host)[0].check

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_vms_off(s.host.uuid)

    def calls(self, s: Situation) -> Iterator[Call]:
        host = s.host
        yield Call("XenServer", f'Async.host.evacuate("{host.ref}")', f"xe host-evacuate uuid={host.uuid}")

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("host.evacuate", s.host.ref))

    def done(self, s: Situation) -> bool:
        return not s.pool.vms_on(s.host.uuid)

    def progress(self, s: Situation) -> Progress:
        left = len(s.pool.vms_on(s.host.uuid))
        return Progress(f"{left} guests left", left=left)


@dataclass(frozen=True)
class RebootHost(Step):
    """The proof of a reboot is a newer boot time, not an answer: the call returns before the machine goes down, and
    when it is the master's own, the answer may be lost with it."""

    title = "Reboot {host}"
    risk = Risk.HIGH
    sends = ("host.reboot",)
    undo = "A reboot cannot be taken back: wait until the host is back."
    danger = "The host is away for minutes. While it is the master, nobody can start, stop or move a guest of the pool."
    within = 2400.0
    settle = 180.0  # xapi goes down ten seconds after the call, the machine later: no boot time tells before it is back
    traces = Traces(tasks=("Async.host.reboot",), operations=("reboot", "shutdown"))
    causes = Causes(
        host=(
            "host-dead",
            "host-disabled",
            "host-storage-detached",
            "cloudstack-down",
            "cloudstack-stale-up",
        ),
        passing=("master-unreachable", "master-suspect", "master-disputed", "master-disabled", "facts-stale"),
    )

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.is_live(s, s.host)
        yield is_disabled(s)
        yield checks.ha_is_off(s)
        yield checks.no_guest_on(s, s.host)
        yield others_live(s)
        if s.has_cloudstack:
            yield in_maintenance(s)
            if s.pool.master == s.host.uuid:
                yield _cluster_let_go(s)

    def remember(self, s: Situation) -> Mapping[str, Any]:
        return {boot_key(s): s.host.boot_time}

    def expect(self, s: Situation) -> Facts:
        newer = (s.host.boot_time or 0.0) + 1.0
        return s.facts.with_host(s.host.uuid, live=True, enabled=True, boot_time=newer, reboot_due=False)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", f'Async.host.reboot("{s.host.ref}")', f"xe host-reboot uuid={s.host.uuid}")

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("host.reboot", s.host.ref))

    def done(self, s: Situation) -> bool:
        if boot_key(s) not in s.memory or not s.in_pool:
            return False
        before, now = s.memory[boot_key(s)], s.host.boot_time
        return now is not None and (before is None or now > before)

    def progress(self, s: Situation) -> Progress:
        return Progress("shutting down" if s.host.live else "down, and not back yet")


@dataclass(frozen=True)
class BackFromReboot(Step):
    """A host that answers is not yet a host that can be used: its storage has to be plugged, and XAPI has to call it
    live. The next host waits for that."""

    title = "Wait until {host} is back with its storage"
    within = 900.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.is_live(s, s.host)
        answering = {probe.address for probe in s.facts.probes if probe.answers}
        yield Check(
            s.host.address in answering, f"{s.host.name} answers at its own address", "It is not up yet."
        )
        yield checks.storage_attached(s, s.host)

    def expect(self, s: Situation) -> Facts:
        return s.facts

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


DisableHost.undo_with = (EnableHost,)


def in_maintenance(s: Situation) -> Check:
    """In CloudStack: then a host that goes down is Disconnected, and its guests are not restarted elsewhere."""
    host = s.cs_host
    return Check(
        host is not None and host.resourcestate == "Maintenance",
        f"{s.host.name} is in Maintenance in CloudStack",
        "Else CloudStack takes the reboot for a crash: put the host into maintenance first.",
    )


def is_disabled(s: Situation) -> Check:
    return Check(
        not s.host.enabled, f"{s.host.name} is disabled", "XAPI answers HOST_NOT_DISABLED: disable it first."
    )


def others_live(s: Situation) -> Check:
    """Whoever a person left out of the run is not waited for: that its guests find room is asked for each host."""
    without = {s.host.uuid, *s.memory.get(LEFT_OUT, ())}
    dead = [h.name for h in s.pool.hosts if h.uuid not in without and not h.live]
    return Check(
        not dead,
        "Every other member is live",
        f"{', '.join(dead)} is not: with a second host away the guests have nowhere to go.",
    )


def boot_key(s: Situation) -> str:
    """Where the boot time before the reboot is remembered."""
    return f"boot of {s.host.uuid}"


def _cluster_let_go(s: Situation) -> Check:
    if s.facts.cloudstack is None:
        raise NotKnown(
            "CloudStack cannot be read, so nobody knows what it would make of a master that is away."
        )
    return Check(
        s.cloudstack.managedstate == "Unmanaged",
        "CloudStack has let go of the cluster, since the host is the master",
        "It would take every host for disconnected. If the host has become the master during this run, end the run and "
        "plan the remaining hosts anew.",
    )
