"""Steps about one host that stays in the pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pools.facts import Facts, Pbd
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Check, Handle, Progress, Risk, Step, Traces
from workflows.steps import checks


@dataclass(frozen=True)
class FindOutWhy(Step):
    """A host is disabled for a reason: storage that did not plug, a reboot that is due, or somebody's maintenance.
    Enabling it without mending the reason is refused, or does not last."""

    title = "Find out why {host} is disabled"
    within = 30.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        host = s.host
        yield checks.is_live(s, host)
        yield Check(
            not host.pending_guidances,
            f"{host.name} needs no reboot or toolstack restart first",
            f"Pending: {', '.join(host.pending_guidances)}. Do that first; XAPI refuses to enable the host.",
        )
        yield Check(
            not host.maintenance_mode,
            f"Nobody keeps {host.name} in maintenance mode",
            "XenCenter's MAINTENANCE_MODE is set: ask who did it, and leave it there, in XenCenter.",
        )

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


@dataclass(frozen=True)
class PlugStorage(Step):
    """With HA on, a host stays disabled until all its storage is attached; without it, guests that need the storage
    could not start there."""

    pbd: str
    """uuid of the PBD, the cable between the host and the SR."""
    sr: str
    """Name of the SR, for the title."""

    title = "Plug storage {sr} on {host}"
    risk = Risk.LOW
    sends = ("PBD.plug",)
    undo = "Unplug it again: xe pbd-unplug."
    within = 300.0
    traces = Traces(tasks=("Async.PBD.plug",))

    def heading(self, s: Situation) -> str:
        return self.title.format(sr=self.sr, host=s.host.name)

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.is_live(s, s.host)

    def expect(self, s: Situation) -> Facts:
        pbds = tuple(replace(p, attached=True) if p.uuid == self.pbd else p for p in s.pool.pbds)
        return s.facts.with_pool(pbds=pbds)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", f'Async.PBD.plug("{self._record(s).ref}")', f"xe pbd-plug uuid={self.pbd}")

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("PBD.plug", self._record(s).ref))

    def done(self, s: Situation) -> bool:
        return self._record(s).attached

    def _record(self, s: Situation) -> Pbd:
        pbd = next((p for p in s.pool.pbds if p.uuid == self.pbd), None)
        if pbd is None:
            raise NotKnown(f"The PBD of {self.sr} on {s.host.name} is gone: plan the run again.")
        return pbd


@dataclass(frozen=True)
class EnableHost(Step):
    """The pool counts the host in again and guests may start there. CloudStack notices by itself: its own
    reconnect does not heal a host in Alert, this does."""

    title = "Enable {host}"
    risk = Risk.LOW
    sends = ("host.enable",)
    undo = "Disable it again: xe host-disable."
    within = 300.0
    goes_by = ("HOST_STILL_BOOTING",)  # live, but its toolstack has not finished starting
    traces = Traces(tasks=("Async.host.enable",))

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.is_live(s, s.host)
        yield checks.storage_attached(s, s.host)

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_host(s.host.uuid, enabled=True)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", f'Async.host.enable("{s.host.ref}")', f"xe host-enable uuid={s.host.uuid}")

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("host.enable", s.host.ref))

    def done(self, s: Situation) -> bool:
        return s.host.enabled


@dataclass(frozen=True)
class BackInCloudStack(Step):
    """No call is needed: CloudStack's next ping, or its next scan for hosts that nobody owns, brings the host back
    within one to four minutes."""

    title = "Wait until CloudStack shows {host} Up"
    within = 900.0

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(s.cs_host is not None, f"CloudStack knows {s.host.name}", "Add the host to CloudStack.")
        yield Check(
            self.done(s), f"CloudStack shows {s.host.name} Up", "It comes back within 4 min by itself."
        )

    def done(self, s: Situation) -> bool:
        return s.cs_host is not None and s.cs_host.state == "Up"

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_cs_host(s.cs_host.id, state="Up") if s.cs_host else s.facts

    def progress(self, s: Situation) -> Progress | None:
        return Progress(f"CloudStack shows it {s.cs_host.state}") if s.cs_host else None
