"""What each host has plugged, SR by SR. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pools.facts import PoolFacts, Sr


@dataclass(frozen=True, slots=True)
class Storage:
    """One shared SR, or one that is unplugged somewhere. `full` is a percentage, None when not known."""

    name: str
    type: str
    holds: str
    full: int | None
    plugged: int
    of: int

    @property
    def count(self) -> str:
        return f"{self.plugged} of {self.of} hosts"

    @property
    def complete(self) -> bool:
        return self.plugged == self.of


def storages(pool: PoolFacts) -> tuple[Storage, ...]:
    """Shared SRs and whatever is unplugged; a host's own disks are left out while they are well."""
    found = [(sr, _storage(pool, sr)) for sr in pool.srs if sr.type not in ("udev", "iso")]
    shown = [storage for sr, storage in found if sr.shared or not storage.complete]
    return tuple(sorted(shown, key=lambda s: (s.complete, s.name)))


def _storage(pool: PoolFacts, sr: Sr) -> Storage:
    pbds = [p for p in pool.pbds if p.sr == sr.uuid]
    full = round(100 * sr.used / sr.size) if sr.size and sr.used is not None else None
    return Storage(sr.name, sr.type, _holds(pool, sr), full, sum(p.attached for p in pbds), len(pbds))


def _holds(pool: PoolFacts, sr: Sr) -> str:
    if sr.uuid in pool.ha.statefile_srs and pool.ha.enabled:
        return "heartbeat"
    return "disks" if sr.vdis else "nothing"
