"""pool.enable_ha and disable_ha (xapi_ha.ml): checks in xapi's order."""

from __future__ import annotations

from lab.world import ha_switch, plan, storage, syncing
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import SR, Host, Pool
from lab.xapi.calls.storage import assert_can_host_statefile
from lab.xapi.registry import Context, message

CREATE_VDIS_SECONDS = 6.0
PRECONFIGURE_SECONDS = 3.0  # a host, one after the other
JOIN_SECONDS = 20.0
LIVESET_EXTRA_SECONDS = 60.0  # BootJoinTimeout = timeout + 60
DISABLE_SECONDS = 10.0
DISABLE_RETRY_SECONDS = 30.0
SHORTEST_TIMEOUT = 10


@message("pool.enable_ha", "SR set", "map")
def enable_ha(ctx: Context, heartbeat_srs: list[SR], configuration: dict[str, str]) -> Steps:
    """Only the first SR is used; none given means any that can."""
    pool = ctx.pool
    with ctx.operation(pool, "ha_enable"):
        _assert_may_enable(ctx, pool)
        sr = _heartbeat_sr(pool, heartbeat_srs)
        pool.ha_plan_exists_for = 0
        yield CREATE_VDIS_SECONDS
        ha_switch.make_vdis(ctx.world, pool, sr)
        pool.ha_configuration = dict(configuration)
        timeout = _timeout(pool, configuration)
        yield from _join_all(ctx, pool, sr, timeout)
        pool.ha_timeout = timeout
        ha_switch.arm(pool)
        plan.refresh(ctx.world, pool)
        syncing.all_now(ctx.world, pool, pool.hosts)


def _assert_may_enable(ctx: Context, pool: Pool) -> None:
    if len({host.software_version.get("platform_version") for host in pool.hosts}) > 1:
        raise Refusal("NOT_SUPPORTED_DURING_UPGRADE")
    if pool.ha_enabled:
        raise Refusal("HA_IS_ENABLED")
    if any(host.license_params.get("enable_xha") != "true" for host in pool.hosts):
        raise Refusal("LICENCE_RESTRICTION", "HA")
    unplugged = [pif.ref for pif in pool.pifs if pif.disallow_unplug and not pif.attached]
    if unplugged:
        raise Refusal("REQUIRED_PIF_IS_UNPLUGGED", *unplugged)
    _warn_of_loose_interfaces(ctx, pool)
    for host in pool.hosts:
        if not host.live:
            raise Refusal("HOST_OFFLINE", host.ref)


def _warn_of_loose_interfaces(ctx: Context, pool: Pool) -> None:
    """An interface with an address that may be unplugged perhaps carries storage: an alert, no refusal."""
    loose = [pif for pif in pool.pifs if pif.ip and not pif.management and not pif.disallow_unplug]
    if loose:
        lines = "\n".join(f"{pif.host.name}: {pif.device} ({pif.ip})" for pif in loose)
        ctx.world.alert(pool, "IP_CONFIGURED_PIF_CAN_UNPLUG", 3, "Pool", pool.uuid, lines)


def _heartbeat_sr(pool: Pool, wanted: list[SR]) -> SR:
    if wanted:
        assert_can_host_statefile(wanted[0])
        return wanted[0]
    for sr in pool.srs:
        try:
            assert_can_host_statefile(sr)
        except Refusal:
            continue
        return sr
    raise Refusal("CANNOT_CREATE_STATE_FILE")


def _timeout(pool: Pool, configuration: dict[str, str]) -> float:
    """From the call, else the pool's default_ha_timeout, else 60 s; nonsense is found only now (xapi_ha.ml:240)."""
    text = configuration.get("timeout") or pool.other_config.get("default_ha_timeout")
    if text is None:
        return pool.ha_default_timeout
    try:
        seconds = int(text)
    except ValueError:
        raise Refusal("INTERNAL_ERROR", 'Failure("int_of_string")') from None
    if seconds < SHORTEST_TIMEOUT:
        raise Refusal("INTERNAL_ERROR", 'Failure("HA timeout is too short")')
    return float(seconds)


def _join_all(ctx: Context, pool: Pool, sr: SR, timeout: float) -> Steps:
    if sr.uuid in ctx.host.cut_srs:
        statefile = next(vdi for vdi in sr.vdis if vdi.ref in pool.ha_statefiles)
        raise Refusal("VDI_NOT_AVAILABLE", statefile.uuid)
    for index, host in enumerate(pool.hosts):
        yield from ctx.reach(host)
        if not any(pif.management for pif in host.pifs):
            raise Refusal("INTERNAL_ERROR", "No management interface found")
        yield PRECONFIGURE_SECONDS
        ctx.progress((index + 1) / (3 * len(pool.hosts)))
    if any(sr.uuid in host.cut_srs for host in pool.hosts):
        raise Refusal("HA_HOST_CANNOT_ACCESS_STATEFILE")
    if not all(ctx.world.hears(one, other) for one in pool.hosts for other in pool.hosts):
        yield timeout + LIVESET_EXTRA_SECONDS
        raise Refusal("HA_FAILED_TO_FORM_LIVESET")
    yield JOIN_SECONDS
    ctx.progress(2 / 3)


@message("pool.disable_ha")
def disable_ha(ctx: Context) -> Steps:
    """ha_enabled is false at once; the call ends when the hosts have let go. Without the statefile it may never end."""
    pool = ctx.pool
    with ctx.operation(pool, "ha_disable"):
        if not pool.ha_enabled:
            raise Refusal("HA_NOT_ENABLED")
        if not storage.sees_statefile(ctx.host):
            yield from _contact_everybody(ctx, pool)
        ha_switch.switch_off(pool)
        yield DISABLE_SECONDS


def _contact_everybody(ctx: Context, pool: Pool) -> Steps:
    """Every host must be told by itself: tries again for ever (xapi_ha.ml:1767)."""
    while not all(_hears(ctx, host) for host in pool.hosts):
        yield DISABLE_RETRY_SECONDS


def _hears(ctx: Context, host: Host) -> bool:
    return ctx.world.connects(ctx.host, host)
