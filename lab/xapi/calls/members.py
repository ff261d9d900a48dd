"""Hosts that leave and join: pool.eject, pool.join (xapi_pool.ml)."""

from __future__ import annotations

from lab.world import pooling
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import Host, Pool
from lab.xapi.calls.storage import assert_may_unplug
from lab.xapi.registry import Context, message

EJECT_SECONDS = 30.0
JOIN_SECONDS = 40.0


@message("pool.eject", "host")
def eject(ctx: Context, host: Host) -> Steps:
    """Wipes the host, its local storage too, and reboots it as a pool of its own."""
    pool = ctx.pool
    if pool.ha_enabled:
        raise Refusal("HA_IS_ENABLED")
    if host is pool.master:
        raise Refusal("INTERNAL_ERROR", "Xapi_pool.Cannot_eject_master")
    if host.resident:
        raise Refusal("OPERATION_NOT_ALLOWED", "VM resident on host")
    with ctx.operation(pool, "eject"):
        yield from ctx.reach(host)
        for pbd in host.pbds:
            assert_may_unplug(pbd)
        host.enabled = False
        for pbd in host.pbds:
            pbd.attached = False
        yield EJECT_SECONDS
        if not ctx.world.reachable(host):
            raise Refusal("CANNOT_CONTACT_HOST", host.ref)
        pooling.leave(ctx.world, host)


@message("pool.join", "string", "string", "string")
def join(ctx: Context, master_address: str, user: str, password: str) -> Steps:
    """Called on the host that joins."""
    pool = _pool_to_join(ctx, master_address, user, password)
    _assert_may_join(ctx.pool, pool)
    yield JOIN_SECONDS
    world, host = ctx.world, ctx.host
    world.after(1.0, lambda: pooling.take_in(world, host, pool))


def _pool_to_join(ctx: Context, address: str, user: str, password: str) -> Pool:
    master = ctx.world.host_at(address)
    if master is None or not ctx.world.reachable(master):
        raise Refusal("POOL_JOINING_HOST_CONNECTION_FAILED")
    if not master.is_master:
        raise Refusal("HOST_IS_SLAVE", master.master_address)
    if user != "root" or password != master.root_password:
        raise Refusal("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
    return master.pool


def _assert_may_join(mine: Pool, theirs: Pool) -> None:
    if mine.ha_enabled or theirs.ha_enabled:
        raise Refusal("HA_IS_ENABLED")
    if len(mine.hosts) > 1:
        raise Refusal("OPERATION_NOT_ALLOWED", "The host is not the only one of its pool")
    if mine.master in theirs.hosts or mine is theirs:
        raise Refusal("OPERATION_NOT_ALLOWED", "The host is a member already")
    if any(vm.power_state == "Running" for vm in mine.vms if not vm.is_control_domain):
        raise Refusal("POOL_JOINING_HOST_CANNOT_HAVE_RUNNING_VMS")
    versions = {host.software_version.get("product_version") for host in (*mine.hosts, *theirs.hosts)}
    if len(versions) > 1:
        raise Refusal("POOL_HOSTS_NOT_HOMOGENEOUS", "software version differs")
