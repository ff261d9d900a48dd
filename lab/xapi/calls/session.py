"""Logging in and out (xapi_session.ml)."""

from __future__ import annotations

from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.xapi import sessions
from lab.xapi.registry import Context, message

WRONG_PASSWORD_SECONDS = 5.0


@message("session.login_with_password", "string", "string", optional=("string", "string"), session=False)
def login(ctx: Context, user: str, password: str, version: str = "1.0", originator: str = "") -> Steps:
    """A session for the whole pool; only its master gives one. The version is ignored."""
    if not ctx.host.is_master:
        raise Refusal("HOST_IS_SLAVE", ctx.host.master_address)
    yield from _check(ctx, user, password)
    return sessions.open_one(ctx.world, ctx.host, user, originator).ref


@message("session.slave_local_login_with_password", "string", "string", session=False, emergency=True)
def local_login(ctx: Context, user: str, password: str) -> Steps:
    """A session that is good on this host only, whatever the host's state."""
    yield from _check(ctx, user, password)
    ref = ctx.world.new_ref()
    ctx.host.local_sessions.add(ref)
    return ref


def _check(ctx: Context, user: str, password: str) -> Steps:
    if user != "root" or password != ctx.host.root_password:
        yield WRONG_PASSWORD_SECONDS
        raise Refusal("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")


@message("session.logout", can_be_async=False)
def logout(ctx: Context) -> None:
    ctx.pool.sessions.pop(ctx.session, None)
    ctx.host.local_sessions.discard(ctx.session)


@message("session.local_logout", emergency=True)
def local_logout(ctx: Context) -> None:
    ctx.host.local_sessions.discard(ctx.session)
