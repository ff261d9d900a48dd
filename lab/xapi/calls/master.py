"""A new master on purpose: pool.designate_new_master, sync_database, is_slave (xapi_pool_transition.ml)."""

from __future__ import annotations

from lab.world import mastery, pooling, syncing
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import Host
from lab.xapi.registry import Context, message

SYNC_SECONDS = 4.0
TWO_PHASE_SECONDS = 6.0


@message("pool.designate_new_master", "host")
def designate(ctx: Context, target: Host) -> Steps:
    """Every host must answer. It returns, then all toolstacks restart: sessions and tasks are lost."""
    pool, world = ctx.pool, ctx.world
    with ctx.operation(pool, "designate_new_master"):
        yield from ctx.reach(target)
        if target is pool.master:
            return
        if pool.ha_enabled:
            raise Refusal("HA_IS_ENABLED")
        yield from sync(ctx)
        _propose(ctx, target)
        yield TWO_PHASE_SECONDS
        peers = [host for host in pool.hosts if host is not target]
        committed = [host for host in peers if world.connects(target, host) and _agreed(host, target)]
        if len(committed) < len(peers):
            world.after(mastery.FUSE_SECONDS, lambda: pooling.break_master(world, target, committed))
            raise Refusal("INTERNAL_ERROR", "Some hosts failed to commit")
    world.after(mastery.FUSE_SECONDS, lambda: pooling.change_master(world, pool, target))


def _propose(ctx: Context, target: Host) -> None:
    """First phase: the target asks everybody, itself last. One that refuses or is silent makes it call the others
    off."""
    peers = [host for host in ctx.pool.hosts if host is not target]
    asked: list[Host] = []
    try:
        for host in [*peers, target]:
            if not ctx.world.connects(target, host):
                raise Refusal("INTERNAL_ERROR", f"Unix.Unix_error(connect, {host.address})")
            mastery.agree_to(ctx.world, host, target.address)
            asked.append(host)
    except Refusal:
        for host in asked:
            host.proposal = None
        raise


def _agreed(host: Host, target: Host) -> bool:
    """A toolstack that restarted in between has forgotten the proposal and does not commit."""
    return host.proposal is not None and host.proposal[0] == target.address


def sync(ctx: Context) -> Steps:
    """Every member takes a copy of the database; one that is offline makes it fail (threadext.ml:54)."""
    for host in ctx.pool.hosts:
        yield from ctx.reach(host)
    yield SYNC_SECONDS
    syncing.all_now(ctx.world, ctx.pool, ctx.pool.hosts)


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
