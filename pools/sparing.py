"""What a look of the watch need not ask: whom the prober has just asked, and who is better left alone for now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from pools import refusals
from pools.facts import Facts, Trouble
from pools.models import Pool, Probing
from pools.probing.known import IDLE, Asked, likeliest, silent_master
from pools.rules.case import Elsewhere


@dataclass(frozen=True, slots=True)
class Spared:
    """`asked` is None where there is no prober; `master` and `cloudstack` are troubles that stand in for an answer."""

    asked: Asked | None = None
    master: Trouble | None = None
    cloudstack: Trouble | None = None

    def order(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """The addresses, the likeliest master first."""
        return likeliest(addresses, self.asked.probes) if self.asked and not self.asked.stale else addresses


NOTHING = Spared()


def spared(pool: Pool, addresses: tuple[str, ...], now: datetime) -> Spared:
    """What is known already at this moment. A master that the prober has just found silent is not asked once more:
    a look would only wait for it, in a thread that other pools need."""
    row: Probing | None = getattr(pool, "probing", None)
    fresh = row.known() if row and now - row.at <= IDLE else ()
    asked = Asked(fresh, pool.good_at) if fresh or _is_probed(now) else None
    silent = silent_master(addresses, asked.probes, now) if asked and pool.looked_at != pool.good_at else None
    refused = refusals.standing(pool, now)
    return Spared(
        asked=asked,
        master=refused or (Trouble(code=silent.code, says=silent.says) if silent else None),
        cloudstack=refusals.standing(pool.cloudstack, now) if pool.cloudstack else None,
    )


def _is_probed(now: datetime) -> bool:
    """Whether there is a prober: then it asks the members of this pool, too, and tells when it has."""
    return settings.LISTEN and Probing.objects.filter(at__gt=now - IDLE).exists()


def elsewhere(pool: Pool, facts: Facts) -> Elsewhere | None:
    """How other pools do while nobody answers in this one; None while somebody does, or where nobody probes."""
    if facts.pool is not None or not facts.probes or any(p.answers for p in facts.probes):
        return None
    here = Probing.objects.filter(pool=pool, silent_since__isnull=False).first()
    if here is None:
        return None
    others = Pool.objects.exclude(pk=pool.pk)
    return Elsewhere(
        others=others.count(),
        answered=others.filter(good_at__gt=here.silent_since).count(),
        silent=others.filter(probing__silent_since__isnull=False).count(),
    )
