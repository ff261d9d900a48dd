"""The steps of a run about several hosts, one after the other. Skipping one of them leaves its host out of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pools.facts import Facts, Host
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Check, Step
from workflows.steps import checks, room
from workflows.steps.cloudstack import CancelMaintenance, EnterMaintenance
from workflows.steps.each import LEFT_OUT, EachHost
from workflows.steps.ha import RestoreHa, describe
from workflows.steps.host import BackInCloudStack, EnableHost
from workflows.steps.upkeep import BackFromReboot, DisableHost, EvacuateHost, RebootHost

PLACES = "places"
"""Key of the memory: uuid of a guest → uuid of the host that it ran on."""


@dataclass(frozen=True)
class OneOfMany(EachHost):
    """What is skipped here is the host, not the step: the rest of it would make no sense."""

    skippable = True
    leaves_host_out = True


@dataclass(frozen=True)
class SimulateEvacuation(Step):
    """With one host away, the others have to hold its guests. Every guest of every chosen host is placed here before
    anything is touched: by memory, by the storage of its disks, by version. A host that cannot be emptied is named."""

    title = "Place every guest of each host in turn, on paper"
    within = 30.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        for emptying in room.in_turn(s.pool, chosen(s)):
            yield emptying.check

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


@dataclass(frozen=True)
class RememberPlaces(Step):
    """Where each guest runs now: at the end of the run, when some hosts are full and the last one is empty, nobody
    could tell any more."""

    title = "Remember where the guests run"
    within = 30.0

    def remember(self, s: Situation) -> Mapping[str, Any]:
        return {PLACES: {vm.uuid: h.uuid for h in chosen(s) for vm in s.pool.vms_on(h.uuid)}}

    def done(self, s: Situation) -> bool:
        return PLACES in s.memory


@dataclass(frozen=True)
class MaintainOne(OneOfMany, EnterMaintenance):
    """CloudStack moves the guests away, in parallel and as it sees fit, and starts none there again. A host that goes
    down in maintenance is Disconnected there, and not taken for dead. That it can be emptied is judged once more."""

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield from super().preconditions(s)
        yield room.emptied(s.pool, self.around(s).host)[0].check


@dataclass(frozen=True)
class DisableOne(OneOfMany, DisableHost):
    """XAPI reboots only a host that is disabled. From now on no guest starts there, by whomever."""


@dataclass(frozen=True)
class EvacuateOne(OneOfMany, EvacuateHost):
    """CloudStack moves only the guests that it knows. What else runs there is moved by XAPI, and so is everything
    where there is no CloudStack: a reboot asks no guest whether it minds."""


@dataclass(frozen=True)
class RebootOne(OneOfMany, RebootHost):
    """The proof of a reboot is a newer boot time, not an answer: the call returns before the machine goes down, and
    when it is the master's own, the answer may be lost with it."""


@dataclass(frozen=True)
class BackOne(OneOfMany, BackFromReboot):
    """A host that answers is not yet a host that can be used: its storage has to be plugged, and XAPI has to call it
    live. The next host waits for that."""


@dataclass(frozen=True)
class EnableOne(OneOfMany, EnableHost):
    """Most hosts come back enabled. One that does not is told to; if it refuses, it says why."""

    pays = ("host-disabled",)


@dataclass(frozen=True)
class CancelOne(OneOfMany, CancelMaintenance):
    """The host is handed back to CloudStack, which may start guests there again."""


@dataclass(frozen=True)
class UpOne(OneOfMany, BackInCloudStack):
    """The host is whole again for both captains. Here the run may rest, and go on tomorrow."""

    pause_point = True


@dataclass(frozen=True)
class RestoreHaFirst(RestoreHa):
    """HA goes on before the guests are brought back, since moving them takes longest and HA refuses no migration of a
    guest that it does not protect. If a host was left out, HA may have to wait for it: then the guests come first."""

    def applies(self, s: Situation) -> Check:
        usual = super().applies(s)
        names = [host.name for host in s.pool.hosts if host.uuid in s.memory.get(LEFT_OUT, ())]
        left_out = f"{', '.join(names)} left out: the guests come back first, and HA after them"
        return Check(not names, left_out) if usual.ok else usual


@dataclass(frozen=True)
class RestoreHaAtLast(RestoreHa):
    """HA goes on with the very settings that were found, where it had to wait for a host that was left out, or where
    somebody turned it off again while the guests were moved."""

    title = "Turn HA on, as it was, if it is not on yet"

    def applies(self, s: Situation) -> Check:
        usual = super().applies(s)
        return Check(not self.done(s), "HA is on already, as it was") if usual.ok else usual


@dataclass(frozen=True)
class VerifyHosts(Step):
    """The run is over when both captains say so: every host live, enabled, Up and Enabled, and HA as it was found."""

    title = "Verify the pool with both captains"
    within = 900.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        if RestoreHa().applies(s).ok:
            cure = f"It was on with {describe(s)}. Turn it on so again, then retry."
            yield Check(RestoreHa().done(s), "HA is on, as it was found", cure)
        for host in s.pool.hosts:
            if host.uuid not in s.memory.get(LEFT_OUT, ()):
                yield checks.is_live(s, host)
                yield checks.is_enabled(s, host)
                if s.has_cloudstack:
                    yield _in_service(s, host)

    def expect(self, s: Situation) -> Facts:
        facts = s.facts
        for host in s.pool.hosts:
            facts = facts.with_host(host.uuid, live=True, enabled=True)
            if s.has_cloudstack and (cs := s.cloudstack.host_at(host.address)):
                facts = facts.with_cs_host(cs.id, state="Up", resourcestate="Enabled")
        return RestoreHa().expect(s.after(facts)) if RestoreHa().applies(s).ok else facts

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))


MaintainOne.undo_with = (CancelOne,)
DisableOne.undo_with = (EnableOne,)


def chosen(s: Situation) -> tuple[Host, ...]:
    """The hosts of input `hosts` (uuids, by commas), the master first: a member must not be newer than its master."""
    wanted = [uuid for uuid in s.inputs.get("hosts", "").split(",") if uuid]
    found = [s.about(uuid).host for uuid in dict.fromkeys(wanted)]
    if not found:
        raise NotKnown("No host is chosen.")
    return tuple(sorted(found, key=lambda host: host.uuid != s.pool.master))


def _in_service(s: Situation, host: Host) -> Check:
    known = s.cloudstack.host_at(host.address)
    says = f"{known.state}, {known.resourcestate}" if known else "not known there"
    return Check(
        known is not None and (known.state, known.resourcestate) == ("Up", "Enabled"),
        f"CloudStack has {host.name} Up and Enabled",
        "It follows within 4 min by itself; a host in maintenance has to be taken out of it.",
        says,
    )
