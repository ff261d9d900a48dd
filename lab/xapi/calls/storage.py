"""PBD.plug, PBD.unplug, and whether an SR can hold a statefile (xha_statefile.ml)."""

from __future__ import annotations

from lab.world import ha_switch, storage
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import PBD, SR
from lab.xapi.registry import Context, message

PLUG_SECONDS = 5.0
XHA = "xhad"  # the cluster stack of HA; an SR that requires another one (gfs2: corosync) cannot be its heartbeat
STATEFILE_FEATURES = {"VDI_GENERATE_CONFIG", "VDI_ATTACH_OFFLINE"}


def assert_can_host_statefile(sr: SR) -> None:
    """Checks in xapi's order; that the SR is shared is not one of them."""
    hosts_with_pbd = {pbd.host for pbd in sr.pbds}
    if hosts_with_pbd != set(sr.pool.hosts) or not all(pbd.attached for pbd in sr.pbds):
        raise Refusal("SR_NO_PBDS", sr.ref)
    stacks = next((sm.required_cluster_stack for sm in sr.pool.sms if sm.type == sr.type), [])
    if stacks and XHA not in stacks:
        raise Refusal("INCOMPATIBLE_STATEFILE_SR", sr.type)
    features = next((set(sm.features) for sm in sr.pool.sms if sm.type == sr.type), set())
    if not features & STATEFILE_FEATURES:
        raise Refusal("SR_OPERATION_NOT_SUPPORTED", sr.ref)
    have = any(vdi.type == "ha_statefile" for vdi in sr.vdis)
    need = 0 if have else ha_switch.STATEFILE_SIZE + ha_switch.redo_log_size(sr.pool)
    if sr.size - sr.used < need:
        raise Refusal("SR_SOURCE_SPACE_INSUFFICIENT", sr.ref)


@message("SR.assert_can_host_ha_statefile", "SR")
def assert_sr(ctx: Context, sr: SR) -> None:
    assert_can_host_statefile(sr)


@message("PBD.plug", "PBD")
def plug(ctx: Context, pbd: PBD) -> Steps:
    yield from ctx.reach(pbd.host)
    if pbd.attached:
        return
    yield PLUG_SECONDS
    refusal = storage.plug_refusal(pbd)
    if refusal is not None:
        raise refusal
    pbd.attached = True


@message("PBD.unplug", "PBD")
def unplug(ctx: Context, pbd: PBD) -> Steps:
    assert_may_unplug(pbd)
    yield from ctx.reach(pbd.host)
    yield PLUG_SECONDS
    pbd.attached = False


def assert_may_unplug(pbd: PBD) -> None:
    """HA_IS_ENABLED for the heartbeat's SR, VDI_IN_USE while a VM of the host uses it."""
    if storage.heartbeat_sr(pbd.sr.pool) is pbd.sr:
        raise Refusal("HA_IS_ENABLED")
    for vm in pbd.host.resident:
        for disk in vm.disks:
            if disk.sr is pbd.sr:
                raise Refusal("VDI_IN_USE", disk.ref, "unplug")
