"""Steps about guests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pools.facts import Facts, Vm
from workflows.engine.situation import Situation
from workflows.engine.step import Api, Call, Risk, Step


@dataclass(frozen=True)
class UnprotectGuest(Step):
    """CloudStack restarts guests after a crash. If XenServer HA does so as well, the same disk is written by two
    guests, and it corrupts."""

    vm: str
    """uuid of the guest."""
    name: str

    title = "Let XenServer HA no longer restart {name}"
    risk = Risk.LOW
    sends = ("VM.set_ha_restart_priority",)
    undo = "Set its ha_restart_priority again."
    within = 60.0

    def heading(self, s: Situation) -> str:
        return self.title.format(name=self.name)

    def expect(self, s: Situation) -> Facts:
        guests = (replace(v, ha_restart_priority="") if v.uuid == self.vm else v for v in s.pool.vms)
        return s.facts.with_pool(vms=tuple(guests))

    def calls(self, s: Situation) -> Iterator[Call]:
        if guest := self._record(s):
            yield Call(
                "XenServer",
                f'VM.set_ha_restart_priority("{guest.ref}", "")',
                f'xe vm-param-set uuid={self.vm} ha-restart-priority=""',
            )

    def act(self, api: Api, s: Situation) -> None:
        if guest := self._record(s):
            api.xapi.call("VM.set_ha_restart_priority", guest.ref, "")

    def done(self, s: Situation) -> bool:
        guest = self._record(s)
        return guest is None or not guest.ha_restart_priority

    def _record(self, s: Situation) -> Vm | None:
        return next((v for v in s.pool.vms if v.uuid == self.vm), None)


def unprotect_all(s: Situation) -> tuple[UnprotectGuest, ...]:
    """One step for each guest that XenServer HA would restart."""
    return tuple(UnprotectGuest(v.uuid, v.name) for v in s.pool.vms if v.ha_restart_priority)
