"""A captain that refuses us is asked ever more seldom: the third wrong login in a row may lock an account.

With wrong credentials there are at most three tries in any half hour, whoever makes them: a look, a sweep, a probe. A
certificate that is not the pinned one is looked at each minute, as no password is sent then. As soon as credentials,
pins or addresses are changed the next look tries at once, and so does `python manage.py look NAME`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from pools.credentials import seal
from pools.facts import Trouble
from pools.models import CloudStack, Pool, Refusal
from pools.rules.case import Pause
from pools.rules.console import REFUSALS

WAITS = (5, 10, 20, 30)
"""Minutes after the first, the second … refusal in a row; the last one from then on."""
TLS, TLS_WAIT = "tls-untrusted", timedelta(minutes=1)
Captain = Pool | CloudStack


def standing(captain: Captain, now: datetime) -> Trouble | None:
    """The trouble that stands in for an answer while the captain is not to be asked; None when it may be."""
    row = _row(captain)
    if row is None or now >= row.next_at or not stands(captain):
        return None
    return Trouble(code=row.code, params=(), says=row.says)


def note(captain: Captain, trouble: Trouble | None, now: datetime) -> None:
    """After the captain was really asked. A trouble that is no refusal leaves what stands: nothing was learned."""
    row = _row(captain)
    if trouble is None and row is not None:
        row.delete()
        captain.refusal = None
    if trouble is None or trouble.code not in REFUSALS:
        return
    given = mark(captain)
    again = row is not None and (row.mark, row.code) == (given, trouble.code)
    tries = row.tries + 1 if row and again else 1
    values = {
        "code": trouble.code,
        "says": trouble.says,
        "since": row.since if row and again else now,
        "tried_at": now,
        "tries": tries,
        "next_at": now + wait(trouble.code, tries),
        "mark": given,
    }
    whose = {"pool": captain} if isinstance(captain, Pool) else {"cloudstack": captain}
    captain.refusal, _ = Refusal.objects.update_or_create(**whose, defaults=values)


def stands(captain: Captain) -> bool:
    """Whether what is stored now was refused, and has not been let in since."""
    row = _row(captain)
    return row is not None and row.mark == mark(captain)


def pause(captain: Captain | None) -> Pause | None:
    """Since when it refuses us and when it is asked next, for the rules."""
    row = _row(captain) if captain else None
    return row.pause() if row else None


def wait(code: str, tries: int) -> timedelta:
    """How long after so many refusals in a row."""
    return TLS_WAIT if code == TLS else timedelta(minutes=WAITS[min(tries, len(WAITS)) - 1])


def mark(captain: Captain) -> str:
    """What was refused, without telling it: a digest of what is stored, which is encrypted."""
    if isinstance(captain, Pool):
        parts = [captain.user, seal(captain.password), str(captain.port), str(captain.plain_http)]
        parts += captain.addresses
    else:
        parts = [captain.url, seal(captain.api_key), seal(captain.secret_key)]
    return sha256("\0".join([*parts, *captain.pins, captain.ca]).encode()).hexdigest()


def _row(captain: Captain) -> Refusal | None:
    return getattr(captain, "refusal", None)
