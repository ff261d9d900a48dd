"""Plugs: when they hold, and when they fail."""

from __future__ import annotations

from lab.world.refusal import Refusal
from lab.world.things import PBD, SR, Host, Pool


def plug_refusal(pbd: PBD) -> Refusal | None:
    """Why this PBD cannot be plugged now; None if it can."""
    if pbd.fails:
        return Refusal(*pbd.fails)
    if pbd.sr.uuid in pbd.host.cut_srs:
        return Refusal("SR_BACKEND_FAILURE_47", "", "The SR is not available", f"[opterr={pbd.sr.name}]")
    return None


def plug_all(host: Host, *, booted: bool) -> None:
    """What xapi does with the host's PBDs at each of its starts; after a boot none of them holds any more."""
    for pbd in host.pbds:
        pbd.attached = (pbd.attached and not booted) or plug_refusal(pbd) is None


def heartbeat_sr(pool: Pool) -> SR | None:
    """The SR that holds the statefile of the running HA."""
    if not pool.ha_enabled:
        return None
    # Lazily, not pool.vdis: hearts beat for every host, every few seconds.
    vdis = (vdi for sr in pool.srs for vdi in sr.vdis)
    return next((vdi.sr for vdi in vdis if vdi.ref in pool.ha_statefiles), None)


def sees_statefile(host: Host) -> bool:
    """The host can reach the storage of the heartbeat."""
    if not host.cut_srs:
        return True
    sr = heartbeat_sr(host.pool)
    return sr is None or sr.uuid not in host.cut_srs
