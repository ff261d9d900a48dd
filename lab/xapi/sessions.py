"""Sessions in the memory of a master's toolstack: how many there may be, and when one ends by itself.

Sources: xapi_globs.ml (limits, timeout), db_gc_util.ml (which go first), xapi_session.ml.
"""

from __future__ import annotations

from lab.world import World
from lab.world.refusal import Refusal
from lab.world.things import Host, Pool, Session

IDLE_SECONDS = 86_400.0
PER_ORIGINATOR = 500
WITHOUT_ORIGINATOR = 400


def open_one(world: World, host: Host, user: str, originator: str) -> Session:
    """A session for the whole pool; past the limit those of the same originator that were idle longest go."""
    sessions, now = host.pool.sessions, world.now()
    same = sorted(
        (one for one in sessions.values() if one.originator == originator), key=lambda one: one.last_active
    )
    limit = PER_ORIGINATOR if originator else WITHOUT_ORIGINATOR
    for oldest in same[: max(0, len(same) - limit + 1)]:
        del sessions[oldest.ref]
    session = Session(world.new_ref(), world.new_uuid(), user, originator, host, now, now)
    sessions[session.ref] = session
    return session


def use(world: World, pool: Pool, ref: str) -> Session:
    """The session, active now; SESSION_INVALID[reference] if there is none or it was idle for a day."""
    session, now = pool.sessions.get(ref), world.now()
    if session is not None and now - session.last_active > IDLE_SECONDS:
        del pool.sessions[ref]
        session = None
    if session is None:
        raise Refusal("SESSION_INVALID", ref)
    session.last_active = now
    return session
