"""What a host does for a local session even without a master (datamodel.ml, emergency calls)."""

from __future__ import annotations

from lab.world import ha_switch, mastery, pooling, power
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.xapi.registry import CONTACT_TIMEOUT_SECONDS, Context, message

FUSE_SECONDS = 5.0
RECOVER_SECONDS = 2.0


@message("pool.emergency_transition_to_master", emergency=True)
def transition(ctx: Context) -> None:
    """The only check is the host's own HA. It answers, then xapi restarts as master."""
    if ctx.host.ha_armed:
        raise Refusal("HA_IS_ENABLED")
    world, host = ctx.world, ctx.host
    world.after(FUSE_SECONDS, lambda: pooling.become_master(world, host))


@message("pool.emergency_reset_master", "string", emergency=True)
def reset_master(ctx: Context, address: str) -> None:
    """Believe in another master. On a healthy master this demotes it."""
    if ctx.host.ha_armed:
        raise Refusal("HA_IS_ENABLED")
    world, host = ctx.world, ctx.host
    if host.master_address != address:
        world.after(FUSE_SECONDS, lambda: pooling.follow(world, host, address))


@message("pool.recover_slaves")
def recover_slaves(ctx: Context) -> Steps:
    """Tell every other host who is master; errors are swallowed, the result names those that were reached."""
    reached = []
    for host in [peer for peer in ctx.pool.hosts if peer is not ctx.host]:
        if ctx.world.connects(ctx.host, host.machine):
            yield RECOVER_SECONDS
            if not host.machine.ha_armed:
                reached.append(host.ref)
                pooling.follow(ctx.world, host.machine, ctx.host.address)
        else:
            yield CONTACT_TIMEOUT_SECONDS
    return reached


@message("host.is_in_emergency_mode", emergency=True)
def is_in_emergency_mode(ctx: Context) -> bool:
    return ctx.host.emergency is not None


@message("host.local_assert_healthy", emergency=True)
def local_assert_healthy(ctx: Context) -> None:
    """Raises the reason of the emergency mode."""
    if ctx.host.emergency is not None:
        raise Refusal(*ctx.host.emergency)


@message("host.shutdown_agent", emergency=True)
def shutdown_agent(ctx: Context) -> None:
    """xapi ends a second later and does not start again by itself."""
    world, host = ctx.world, ctx.host

    def stop() -> None:
        power.stop_toolstack(world, host)
        world.announce("power", host)

    world.after(1.0, stop)


@message("host.emergency_ha_disable", optional=("bool",), optional_since=("ely",), emergency=True)
def emergency_ha_disable(ctx: Context, soft: bool = False) -> None:
    """Stop this host's heartbeat daemon; the pool's ha_enabled goes when a disarmed master starts (xapi.ml:599).

    Softly the host stays armed on paper: its next start joins the heartbeat again.
    """
    host = ctx.host
    if not host.ha_armed:
        if soft:
            return
        raise Refusal("HA_NOT_ENABLED")
    ha_switch.stop_daemon(host)
    if not soft:
        ha_switch.disarm(host)


@message("host.propose_new_master", "string", "bool", emergency=True)
def propose_new_master(ctx: Context, address: str, manual: bool) -> None:
    """First phase: agree to a new master; an agreement to another one holds for ten minutes (xapi_ha.ml:1496)."""
    mastery.agree_to(ctx.world, ctx.host, address)


@message("host.commit_new_master", "string", emergency=True)
def commit_new_master(ctx: Context, address: str) -> None:
    """Second phase: follow the one agreed to."""
    world, host = ctx.world, ctx.host
    agreed = host.proposal[0] if host.proposal else None
    if agreed is None:
        text = f"Received commit_new_master({address}) but never received a proposal"
        raise Refusal("HA_ABORT_NEW_MASTER", text)
    if agreed != address:
        text = f"Received commit_new_master({address}) but previously received proposal for {agreed}"
        raise Refusal("HA_ABORT_NEW_MASTER", text)
    if host.address == address:
        world.after(FUSE_SECONDS, lambda: pooling.become_master(world, host))
    else:
        world.after(FUSE_SECONDS, lambda: pooling.follow(world, host, address))


@message("host.abort_new_master", "string", emergency=True)
def abort_new_master(ctx: Context, address: str) -> None:
    """Forget what was agreed to."""
    ctx.host.proposal = None
