"""The ticks of the watch through a real broker and a real worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery.contrib.testing.worker import start_worker
from django.utils import timezone

from dashboard.celery import app
from lab.testing import RunningLab, running_lab
from pools import tasks, watching
from pools.models import Pool
from tests.pools.lab import pool_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as running:
        yield running


def waiting_messages(queue: str) -> int:
    with app.connection_for_read() as connection:
        return int(connection.default_channel.client.llen(queue))  # type: ignore[attr-defined]  # Redis


@pytest.fixture(autouse=True)
def _empty_queue(broker: str) -> None:
    app.control.purge()


def test_each_due_pool_becomes_one_message_on_the_queue_watch(lab: RunningLab) -> None:
    pool_of(lab, "amber", next_look_at=timezone.now() - watching.FIRST)
    pool_of(lab, "basalt", next_look_at=timezone.now() + timedelta(minutes=1))
    tasks.watch_due()
    tasks.watch_due()
    assert waiting_messages("watch") == 1


def test_a_bad_pool_does_not_hold_up_another(lab: RunningLab) -> None:
    due = timezone.now() - watching.FIRST
    bad, good = (pool_of(lab, name, next_look_at=due) for name in ("amber", "basalt"))
    lab.break_("hang", "amber-*")
    with start_worker(app, pool="threads", concurrency=2, queues=["watch"], perform_ping_check=False):
        tasks.watch_due()
        eventually(lambda: Pool.objects.get(pk=good.pk).looked_at)
        assert Pool.objects.get(pk=bad.pk).looked_at is None
        lab.mend()
