"""Updates: pool_patch up to 7.0, pool_update from 7.1 on, host.apply_updates from XCP-ng 8.3 and XenServer 8 on.

What counts for a console is what remains after one: a reboot or a restart of the toolstack that is due.
"""

from __future__ import annotations

from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import Host, Update
from lab.xapi.registry import Context, message

APPLY_SECONDS = 60.0
REPOSITORY_SECONDS = 180.0


@message("pool_update.precheck", "pool_update", "host", since="ely")
def precheck(ctx: Context, update: Update, host: Host) -> str:
    """Nothing speaks against it, and it needs no live patch."""
    _assert_new(update, host, "UPDATE")
    return "ok"


@message("pool_update.apply", "pool_update", "host", since="ely")
def apply(ctx: Context, update: Update, host: Host) -> Steps:
    yield from _apply(ctx, update, host, "UPDATE")


@message("pool_update.pool_apply", "pool_update", since="ely")
def pool_apply(ctx: Context, update: Update) -> Steps:
    yield from _apply_everywhere(ctx, update, "UPDATE")


@message("pool_update.pool_clean", "pool_update", since="ely")
def pool_clean(ctx: Context, update: Update) -> None:
    """Its files go, its record stays."""


@message("pool_update.destroy", "pool_update", since="ely")
def destroy(ctx: Context, update: Update) -> None:
    _destroy(ctx, update, "UPDATE_IS_APPLIED")


@message("pool_patch.precheck", "pool_patch", "host")
def precheck_patch(ctx: Context, patch: Update, host: Host) -> str:
    """Its output: nothing."""
    _assert_new(patch, host, "PATCH")
    return ""


@message("pool_patch.apply", "pool_patch", "host")
def apply_patch(ctx: Context, patch: Update, host: Host) -> Steps:
    yield from _apply(ctx, patch, host, "PATCH")
    return ""


@message("pool_patch.pool_apply", "pool_patch")
def pool_apply_patch(ctx: Context, patch: Update) -> Steps:
    yield from _apply_everywhere(ctx, patch, "PATCH")


@message("pool_patch.clean", "pool_patch")
def clean_patch(ctx: Context, patch: Update) -> None:
    """Its file goes from the host, its record stays."""


@message("pool_patch.pool_clean", "pool_patch")
def pool_clean_patch(ctx: Context, patch: Update) -> None:
    """Its files go, its record stays."""


@message("pool_patch.destroy", "pool_patch")
def destroy_patch(ctx: Context, patch: Update) -> None:
    _destroy(ctx, patch, "PATCH_IS_APPLIED")


def _assert_new(update: Update, host: Host, kind: str) -> None:
    if host in update.hosts:
        raise Refusal(f"{kind}_ALREADY_APPLIED", update.ref)


def _apply_everywhere(ctx: Context, update: Update, kind: str) -> Steps:
    waiting = [host for host in ctx.pool.hosts if host not in update.hosts]
    if not waiting:
        suffix = "_IN_POOL" if kind == "UPDATE" else ""
        raise Refusal(f"{kind}_ALREADY_APPLIED{suffix}", update.ref)
    for host in waiting:
        yield from _apply(ctx, update, host, kind)


def _apply(ctx: Context, update: Update, host: Host, kind: str) -> Steps:
    """It changes the host's files; what it asks for afterwards is the caller's to do."""
    _assert_new(update, host, kind)
    yield from ctx.reach(host)
    yield APPLY_SECONDS
    update.hosts.append(host)
    if "restartHost" in update.guidances:
        host.updates_requiring_reboot.append(update)


def _destroy(ctx: Context, update: Update, refusal: str) -> None:
    if update.hosts:
        raise Refusal(refusal)
    ctx.pool.updates.remove(update)


@message("host.apply_updates", "host", "string", since="1.301.0")
def apply_updates(ctx: Context, host: Host, checksum: str) -> Steps:
    """From the repository: disables the host, and leaves a reboot as mandatory guidance."""
    with ctx.operation(ctx.pool, "apply_updates"):
        if ctx.pool.ha_enabled:
            raise Refusal("HA_IS_ENABLED")
        yield from ctx.reach(host)
        host.enabled = False
        if host.resident:
            raise Refusal("HOST_EVACUATION_IS_REQUIRED", host.ref)
        with ctx.operation(host, "apply_updates", "host"):
            yield REPOSITORY_SECONDS
        if "reboot_host" not in host.pending_guidances:
            host.pending_guidances.append("reboot_host")
    return []


@message("host.emergency_clear_mandatory_guidance", emergency=True, since="24.10.0")
def clear_mandatory_guidance(ctx: Context) -> None:
    """Forget this host's mandatory guidances without doing what they ask for."""
    ctx.host.pending_guidances.clear()
