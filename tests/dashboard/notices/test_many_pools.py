"""A trouble that many pools share is one message, through the real tick to a webhook that is really there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.notices import tasks
from dashboard.notices.models import Knowledge, Notice, Route
from dashboard.notices.sending import deliver, due
from pools.models import CloudStack, Finding, Pool
from tests.dashboard.notices.receiver import Webhook

pytestmark = pytest.mark.django_db
MANY = 40


@pytest.fixture
def pools(webhook: Webhook) -> list[Pool]:
    Route.objects.create(name="on-call", url=webhook.url)
    ams = CloudStack.objects.create(
        name="ams", url="https://cs.example.org", api_key="unused", secret_key="unused"
    )
    made = (Pool(name=f"p{i}", uuid=f"u{i}", password="unused", cloudstack=ams) for i in range(MANY))
    return Pool.objects.bulk_create(made)


def open_on(pools: list[Pool], code: str, kind: str, name: str = "", severity: str = "critical") -> None:
    since = timezone.now() - timedelta(minutes=1)
    Finding.objects.bulk_create(
        Finding(
            pool=pool,
            code=code,
            severity=severity,
            subject_kind=kind,
            subject_name=name or pool.name,
            subject_uuid=name,
            says=f"{code} in {pool.name}.",
            since=since,
            seen_at=since,
        )
        for pool in pools
    )


def tick() -> None:
    """What beat does every few seconds; the senders it hands over to are played here."""
    tasks.notice()
    for route_id in due(timezone.now()):
        deliver(route_id)


def test_the_consoles_own_network(pools: list[Pool], webhook: Webhook, broker: str) -> None:
    open_on(pools, "console-cut-off", "console", "the console")
    open_on(pools, "cloudstack-unreachable", "cluster", severity="warning")
    open_on(pools, "facts-stale", "pool", severity="warning")
    tick()
    tick()
    assert webhook.titles == [f"Critical: the console: console-cut-off ({MANY} pools)"]
    assert f"In {MANY} pools: p0, p1, p10" in webhook.got[0]["message"]
    Finding.objects.filter(pool__in=pools[3:]).update(closed_at=timezone.now())
    tick()
    assert len(webhook.got) == 1, "three pools are still out of sight"
    Finding.objects.update(closed_at=timezone.now())
    tick()
    tick()
    assert webhook.titles[1:] == [f"Mended: the console: console-cut-off ({MANY} pools)"]
    assert not Knowledge.objects.exists()


def test_a_cloudstack_and_a_pool_of_it_with_a_trouble_of_its_own(
    pools: list[Pool], webhook: Webhook, broker: str
) -> None:
    open_on(pools, "cloudstack-unreachable", "cluster", severity="warning")
    open_on(pools[:1], "master-unreachable", "host", "p0-1")
    open_on(pools[:1], "no-master-recovery", "pool")
    for host in ("p0-2", "p0-3"):
        open_on(pools[:1], "cloudstack-alert", "host", host)
    tick()
    assert webhook.titles == [
        "Critical: p0: master-unreachable",
        f"Warning: CloudStack ams: cloudstack-unreachable ({MANY} pools)",
    ]
    assert Notice.objects.get(code="cloudstack-unreachable").pool is None
    Finding.objects.update(closed_at=timezone.now())
    tick()
    assert sorted(webhook.titles[2:]) == [
        f"Mended: CloudStack ams: cloudstack-unreachable ({MANY} pools)",
        "Mended: p0: master-unreachable",
    ]
