"""Where the guests of a host would go: a simulation that places every one of them, largest first. Pure.

It asks what XAPI asks before it lets a guest move (xapi_host.ml, get_vms_which_prevent_evacuation): memory, the SRs of
its disks, a version that is not older. Which host CloudStack chooses in the end is CloudStack's business; that one can
be found is not in doubt then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from pools.facts import Host, PoolFacts, Vm
from workflows.engine.step import Check

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Stays:
    """A guest that finds no place, and why."""

    guest: str
    why: str


@dataclass(frozen=True, slots=True)
class Emptying:
    """How one host would be emptied: `moved` guests of `memory` bytes, and those that stay."""

    host: str
    moved: int
    memory: int
    stays: tuple[Stays, ...]

    @property
    def check(self) -> Check:
        """As a precondition that names the guests and what to do about them."""
        why = "; ".join(f"{s.guest}: {s.why}" for s in self.stays[:3])
        more = f"; and {len(self.stays) - 3} more" if len(self.stays) > 3 else ""
        return Check(
            not self.stays,
            f"Every guest of {self.host} finds room on another host",
            f"{why}{more}. Stop or move them, or leave {self.host} out.",
            f"{self.moved} to move, {self.memory / GIB:.0f} GiB" if self.moved else "no guests",
        )


def emptied(pool: PoolFacts, host: Host) -> tuple[Emptying, PoolFacts]:
    """Place every guest of the host elsewhere; and the pool as it would stand then."""
    stays: list[Stays] = []
    moved = [guest for guest in pool.vms_on(host.uuid) if guest.power_state != "Suspended"]
    for guest in sorted(moved, key=lambda vm: (-vm.memory, vm.name)):
        others = [peer for peer in pool.hosts if peer.uuid != host.uuid and peer.live and peer.enabled]
        reasons = {peer.uuid: _obstacle(pool, guest, host, peer) for peer in others}
        free = [peer for peer in others if not reasons[peer.uuid]]
        if not free:
            stays.append(Stays(guest.name, _why(pool, guest, reasons.values())))
            continue
        pool = _placed(pool, guest, max(free, key=lambda peer: (_free(peer), peer.name)))
    asleep = [Stays(vm.name, "it is suspended there") for vm in pool.vms_on(host.uuid) if vm not in moved]
    kept = [stay for stay in asleep if stay.guest not in {s.guest for s in stays}]
    return Emptying(host.name, len(moved), sum(vm.memory for vm in moved), (*stays, *kept)), pool


def in_turn(pool: PoolFacts, hosts: Iterable[Host]) -> tuple[Emptying, ...]:
    """Each host in its turn; one that was emptied is back, empty, when the next one goes."""
    found = []
    for host in hosts:
        emptying, pool = emptied(pool, host)
        found.append(emptying)
    return tuple(found)


def _placed(pool: PoolFacts, guest: Vm, home: Host) -> PoolFacts:
    def load(host: Host) -> Host:
        if host.memory_free is None or host.uuid not in (home.uuid, guest.host):
            return host
        sign = -1 if host.uuid == home.uuid else 1
        return replace(host, memory_free=host.memory_free + sign * guest.memory)

    vms = tuple(replace(vm, host=home.uuid) if vm.uuid == guest.uuid else vm for vm in pool.vms)
    return replace(pool, vms=vms, hosts=tuple(load(host) for host in pool.hosts))


def _free(host: Host) -> float:
    """Bytes; a host that does not tell is taken to have room, which CloudStack will know better."""
    return float("inf") if host.memory_free is None else host.memory_free


def _obstacle(pool: PoolFacts, guest: Vm, source: Host, target: Host) -> str:
    """Why the guest cannot move to that host; empty when it can."""
    plugged = {pbd.sr for pbd in pool.pbds if pbd.host == target.uuid and pbd.attached}
    for uuid in guest.srs or ():
        sr = pool.sr(uuid)
        if sr and not sr.shared:
            return f"its disk is on {sr.name}, which is local to {source.name}"
        if sr and uuid not in plugged:
            return f"{sr.name} is not plugged there"
    if _release(target) < _release(source):
        return f"a guest does not move from {source.version} back to {target.version}"
    return "" if _free(target) >= guest.memory else "no memory"


def _release(host: Host) -> tuple[int, ...]:
    """`8.2.1` as numbers; nothing that is known compares as the oldest."""
    return tuple(int(part) for part in host.version.split(".") if part.isdigit())


def _why(pool: PoolFacts, guest: Vm, reasons: Iterable[str]) -> str:
    """One reason that holds everywhere is said once; else each, with how many hosts it rules out."""
    counted = [(reason, len(list(same))) for reason, same in groupby(sorted(reasons))]
    if not counted:
        return "no other host is live and enabled"
    if len(counted) == 1 and counted[0][0] != "no memory":
        return counted[0][0]
    if counted[0][0] == "no memory" and len(counted) == 1:
        return f"no other host has {guest.memory / GIB:.0f} GiB free"
    return ", ".join(f"{reason} ({number} of {len(pool.hosts) - 1})" for reason, number in counted)
