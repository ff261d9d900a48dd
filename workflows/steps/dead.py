"""Steps about a host that is dead, or is taken for dead. XAPI believes what it is told here without asking the host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.facts import Facts, Host
from workflows.engine.situation import Situation
from workflows.engine.step import Api, Call, Causes, Check, Handle, Risk, Step, Traces
from workflows.steps import checks
from workflows.steps.cloudstack import required

ABSENT = Causes(
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


@dataclass(frozen=True)
class StateItIsOff(Step):
    """A host that is silent may still run, cut off from us alone. Two masters write to one database, and a guest that
    is started a second time destroys its own disk. Out-of-band management proves that a host is off; where there is
    none, somebody looks at it and says so."""

    title = "State that {host} is switched off"
    risk = Risk.HIGH
    undo = "Nothing was sent: this is a statement, kept in the journal with your name."
    danger = "Look at its power supply or its console before you say so. All that follows rests on it."
    answer_is_proof = True

    def typed(self, s: Situation) -> str:
        return s.host.name

    def applies(self, s: Situation) -> Check:
        return Check(not proven_off(s), f"out-of-band management says that {s.host.name} is off")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield is_silent(s)
        power = power_of(s)
        yield Check(
            power != "On",
            f"Nothing says that {s.host.name} is switched on",
            "Out-of-band management says that it is on: switch it off first.",
            f"out-of-band management: {power or 'not there for this host'}",
        )

    def done(self, s: Situation) -> bool:
        return False


@dataclass(frozen=True)
class DeclareDead(Step):
    """The pool takes the host's guests for halted, so that CloudStack may start them elsewhere. XAPI believes this
    without asking the host."""

    title = "Declare {host} dead"
    risk = Risk.FINAL
    sends = ("host.declare_dead",)
    undo = "No way back: guests that still run there would be started a second time."
    danger = "If the host still runs, its guests corrupt their disks as soon as they are started elsewhere."
    within = 300.0
    settle = 15.0
    traces = Traces(tasks=("Async.host.declare_dead",))
    causes = ABSENT

    def applies(self, s: Situation) -> Check:
        return Check(s.in_pool, f"{s.host.name} is no longer in the pool")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(s.pool.master != s.host.uuid, f"{s.host.name} is not the master", "Elect another first.")
        yield is_silent(s)
        yield Check(
            not s.host.live,
            f"The pool takes {s.host.name} for dead",
            "XAPI answers HOST_IS_LIVE while it hears it; without HA it notices after 10 minutes.",
        )
        yield checks.nothing_under_way(s)

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_host(s.host.uuid, live=False, enabled=False).with_vms_off(s.host.uuid)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call(
            "XenServer",
            f'Async.host.declare_dead("{s.host.ref}")',
            f"xe host-declare-dead uuid={s.host.uuid}",
        )

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("host.declare_dead", s.host.ref))

    def done(self, s: Situation) -> bool:
        return not s.in_pool or not (s.host.live or s.host.enabled or s.pool.vms_on(s.host.uuid))


@dataclass(frozen=True)
class DestroyHost(Step):
    """Takes the record of a dead host out of the pool. An eject needs the host's own help; this does not, and leaves
    the machine as it is."""

    title = "Take {host} out of the pool"
    risk = Risk.FINAL
    sends = ("host.destroy",)
    undo = "No way back: the host has to be joined like a new one."
    danger = (
        "If the machine comes back it believes to be a member still. Install it anew before it gets power."
    )
    within = 300.0
    settle = 15.0
    traces = Traces(tasks=("Async.host.destroy",))
    causes = ABSENT

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.ha_is_off(s)
        yield Check(s.pool.master != s.host.uuid, f"{s.host.name} is not the master", "Elect another first.")
        yield is_silent(s)
        yield Check(not s.host.live, f"The pool takes {s.host.name} for dead", "XAPI answers HOST_IS_LIVE.")
        yield checks.no_guest_on(s, s.host)
        yield checks.nothing_under_way(s)

    def expect(self, s: Situation) -> Facts:
        return s.facts.without_host(s.host.uuid)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", f'Async.host.destroy("{s.host.ref}")', f"xe host-forget uuid={s.host.uuid}")

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("host.destroy", s.host.ref))

    def done(self, s: Situation) -> bool:
        return not s.in_pool


@dataclass(frozen=True)
class ForceDeleteInCloudStack(Step):
    """CloudStack puts no dead host into maintenance, and deletes none that is not in maintenance but by force: it then
    stops that host's guests in its own database, and starts those that have HA elsewhere."""

    title = "Delete {host} in CloudStack by force"
    risk = Risk.FINAL
    sends = ("deleteHost",)
    undo = "No way back but to join the host and to add it like a new one."
    danger = "Forced: CloudStack asks nobody. Guests on the host's local storage are lost to it."
    within = 300.0
    settle = 15.0  # a synchronous command leaves no job to look for: give a lost one time to take effect
    causes = Causes(host=("host-unknown-to-cloudstack",))
    pays = ("maintenance",)

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(not s.in_pool, f"{s.host.name} has left the pool", "Take it out of the pool first.")
        yield Check(
            s.cs_host is not None and s.cs_host.state != "Up",
            f"CloudStack no longer shows {s.host.name} Up",
            "It would still send work there: wait until it notices.",
        )

    def expect(self, s: Situation) -> Facts:
        return s.facts.without_cs_host(required(s).id)

    def calls(self, s: Situation) -> Iterator[Call]:
        host = required(s)
        yield Call(
            "CloudStack",
            f"POST command=deleteHost id={host.id} forced=true",
            f"cmk delete host id={host.id} forced=true",
        )

    def act(self, api: Api, s: Situation) -> None:
        api.cloudstack.do("deleteHost", id=required(s).id, forced="true")

    def done(self, s: Situation) -> bool:
        return s.cs_host is None


def is_silent(s: Situation) -> Check:
    seen = s.probe(s.host)
    return Check(
        not (seen and seen.answers),
        f"{s.host.name} does not answer at its own address",
        "It answers, so it runs. Find out why it is taken for dead, or switch it off.",
        seen.says if seen else "",
    )


def proven_off(s: Situation) -> bool:
    return power_of(s) == "Off"


def power_of(s: Situation, about: Host | None = None) -> str:
    """What CloudStack's out-of-band management says of a host, the run's own if none is given; empty when nothing."""
    cloudstack = s.known.cloudstack
    host = cloudstack.host_at((about or s.host).address) if cloudstack else None
    return host.power if host else ""
