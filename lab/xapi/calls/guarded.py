"""Calls that HA forbids besides those of the pool: on its disks, on interfaces with an address, on secrets."""

from __future__ import annotations

from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import PIF, VDI, Host, Network, Pool
from lab.xapi.registry import Context, message

INTERFACE_SECONDS = 3.0
SECRET_SECONDS = 20.0


@message("VDI.destroy", "VDI")
def destroy_vdi(ctx: Context, vdi: VDI) -> None:
    _assert_free(vdi, "destroy")
    vdi.sr.vdis.remove(vdi)


@message("VDI.forget", "VDI")
def forget_vdi(ctx: Context, vdi: VDI) -> None:
    _assert_free(vdi, "forget")
    vdi.sr.vdis.remove(vdi)


@message("VDI.resize", "VDI", "int")
def resize_vdi(ctx: Context, vdi: VDI, size: int) -> None:
    _assert_free(vdi, "resize")
    vdi.virtual_size = size


def _assert_free(vdi: VDI, operation: str) -> None:
    """HA_IS_ENABLED for statefile and redo log of a running HA, VDI_IN_USE while a VM runs on it."""
    pool = vdi.sr.pool
    if pool.ha_enabled and (
        vdi.ref in pool.ha_statefiles or vdi is pool.redo_log_vdi or vdi.type == "redo_log"
    ):
        raise Refusal("HA_IS_ENABLED")
    if any(vdi in vm.disks and vm.power_state != "Halted" for vm in pool.vms):
        raise Refusal("VDI_IN_USE", vdi.ref, operation)


@message("PIF.unplug", "PIF")
def unplug_pif(ctx: Context, pif: PIF) -> Steps:
    """Nothing to do for one that is unplugged; the management interface stays."""
    if not pif.attached:
        return
    _assert_no_ha(pif.host.pool)
    if pif.management:
        raise Refusal("PIF_IS_MANAGEMENT_INTERFACE", pif.ref)
    yield from ctx.reach(pif.host)
    yield INTERFACE_SECONDS
    pif.attached = False


@message("PIF.plug", "PIF")
def plug_pif(ctx: Context, pif: PIF) -> Steps:
    yield from ctx.reach(pif.host)
    yield INTERFACE_SECONDS
    pif.attached = True


@message("PIF.reconfigure_ip", "PIF", "string", "string", "string", "string", "string")
def reconfigure_ip(
    ctx: Context, pif: PIF, mode: str, address: str, netmask: str, gateway: str, dns: str
) -> Steps:
    """With HA on only DNS servers may change."""
    if not (mode.lower() == "static" and pif.ip == address):
        _assert_no_ha(pif.host.pool)
    if pif.management and mode.lower() == "none":
        raise Refusal("PIF_IS_MANAGEMENT_INTERFACE", pif.ref)
    yield from ctx.reach(pif.host)
    yield INTERFACE_SECONDS
    if not pif.management:  # the lab's hosts listen where they were built
        pif.ip = "" if mode.lower() == "none" else address


@message("host.management_reconfigure", "PIF")
def management_reconfigure(ctx: Context, pif: PIF) -> None:
    """HA's heartbeats go over the management interface. Without HA only the record changes here."""
    _assert_no_ha(ctx.pool)
    _manage_by(pif)


@message("pool.management_reconfigure", "network", since="inverness")
def pool_management_reconfigure(ctx: Context, network: Network) -> None:
    """The same on every host, whose interface on that network it becomes."""
    _assert_no_ha(ctx.pool)
    for pif in network.pifs:
        _manage_by(pif)


def _manage_by(pif: PIF) -> None:
    if not pif.attached:
        raise Refusal("INTERFACE_HAS_NO_IP", pif.device)
    for other in pif.host.pifs:
        if other.management and other is not pif:
            other.management, pif.ip = False, other.ip
    pif.management = True


@message("host.get_management_interface", "host")
def get_management_interface(ctx: Context, host: Host) -> str:
    for pif in host.pifs:
        if pif.management:
            return pif.ref
    raise Refusal("INTERNAL_ERROR", "No management interface found")


@message("pool.enable_tls_verification", since="1.290.0")
def enable_tls_verification(ctx: Context) -> None:
    _assert_no_ha(ctx.pool)
    ctx.pool.tls_verification = True


@message("pool.rotate_secret", since="stockholm_psr")
def rotate_secret(ctx: Context) -> Steps:
    """Every host must be there; nobody outside notices the new secret."""
    _assert_no_ha(ctx.pool)
    for host in ctx.pool.hosts:
        yield from ctx.reach(host)
    yield SECRET_SECONDS


@message(
    "host.install_server_certificate", "host", "string", "string", optional=("string",), since="stockholm"
)
def install_certificate(ctx: Context, host: Host, certificate: str, key: str, chain: str = "") -> Steps:
    """The lab makes its own certificates (``break new-certificate``): this one is looked at and put aside."""
    _assert_no_ha(ctx.pool)
    if "BEGIN CERTIFICATE" not in certificate:
        raise Refusal("SERVER_CERTIFICATE_INVALID")
    yield from ctx.reach(host)


def _assert_no_ha(pool: Pool) -> None:
    if pool.ha_enabled:
        raise Refusal("HA_IS_ENABLED")
