"""Hosts that leave: pool.eject (xapi_pool.ml)."""

from __future__ import annotations

from lab.world import pooling
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import Host
from lab.xapi.calls.storage import assert_may_unplug
from lab.xapi.registry import Context, message

EJECT_SECONDS = 30.0


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
