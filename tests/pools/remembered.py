"""The named world in the database, as the watcher leaves it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from pools.encoding import facts_to
from pools.facts import Facts
from pools.models import Finding, Pool
from pools.models.finding import values_of
from pools.rules import judge_all
from pools.summary import summary, summary_to
from tests.pools.world import amber, judged


def remembered(facts: Facts, **changes: Any) -> Pool:
    """Amber in the database as the watcher leaves it after this look."""
    now = timezone.now()
    findings = judge_all(judged(facts))
    values: dict[str, Any] = {
        "name": "amber",
        "uuid": "pool-amber",
        "zone": "AMS-1",
        "addresses": ["127.10.1.1"],
        "password": "never-used-here",
        "facts": facts_to(facts),
        "good_facts": facts_to(amber()),
        "summary": summary_to(summary(facts, amber())),
        "looked_at": now,
        "good_at": now,
        "worst": findings[0].severity.value if findings else "",
    }
    pool = Pool.objects.create(**{**values, **changes})
    for found in findings:
        Finding.objects.create(pool=pool, since=now, seen_at=now, **values_of(found))
    return pool
