"""A new master on purpose: pool.designate_new_master, sync_database, is_slave (xapi_pool_transition.ml)."""

from __future__ import annotations

from lab.world import mastery, pooling
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import Host
from lab.xapi.registry import Context, message

SYNC_SECONDS = 4.0
TWO_PHASE_SECONDS = 6.0


@message("pool.designate_new_master", "host")
def designate(ctx: Context, target: Host) -> Steps:
    """Every host must answer. It returns, then all toolstacks restart: sessions and tasks are lost."""
    with ctx.operation(ctx.pool, "designate_new_master"):
        if not target.live:
            raise Refusal("HOST_OFFLINE", target.ref)
        if target is ctx.pool.master:
            return
        if ctx.pool.ha_enabled:
            raise Refusal("HA_IS_ENABLED")
        yield from sync(ctx)
        for host in ctx.pool.hosts:
            if not ctx.world.reachable(host):
                raise Refusal("INTERNAL_ERROR", f"Unix.Unix_error(connect, {host.address})")
        yield TWO_PHASE_SECONDS
    pool, world = ctx.pool, ctx.world
    world.after(mastery.FUSE_SECONDS, lambda: pooling.change_master(world, pool, target))


def sync(ctx: Context) -> Steps:
    """Every member takes a copy of the database; one that is offline makes it fail (threadext.ml:54)."""
    for host in ctx.pool.hosts:
        yield from ctx.reach(host)
    yield SYNC_SECONDS


@message("pool.sync_database")
def sync_database(ctx: Context) -> Steps:
    """With HA on the writes go to the metadata VDI instead."""
    if ctx.pool.ha_enabled:
        yield SYNC_SECONDS
    else:
        yield from sync(ctx)


@message("pool.is_slave", "string", emergency=True)
def is_slave(ctx: Context, host: str) -> bool:
    """Answered by the host that is asked, from its own pool.conf."""
    return not ctx.host.is_master
