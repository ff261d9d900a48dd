"""Messages on their way, to a webhook that is really there, or is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard.notices import tasks
from dashboard.notices.gathering import gather
from dashboard.notices.models import Acknowledgement, Knowledge, Notice, Route, Silence
from dashboard.notices.sending import BadAddress, deliver, due, masked, target_of
from pools.models import Finding, Pool
from tests.dashboard.notices.receiver import Webhook
from tests.pools.remembered import remembered
from tests.pools.world import crashed

pytestmark = pytest.mark.django_db


@pytest.fixture
def route(webhook: Webhook) -> Route:
    return Route.objects.create(name="on-call", url=webhook.url, at_least="critical")


@pytest.fixture
def amber() -> Pool:
    """In trouble for a minute."""
    pool = remembered(crashed())
    Finding.objects.update(since=timezone.now() - timedelta(minutes=1))
    return pool


def tick() -> None:
    """What beat does every few seconds, and the worker after it."""
    gather(timezone.now())
    for route_id in due(timezone.now()):
        deliver(route_id)


class TestTheWay:
    def test_of_a_trouble_from_its_beginning_to_its_end(
        self, amber: Pool, route: Route, webhook: Webhook
    ) -> None:
        tick()
        tick()
        assert webhook.titles == ["Critical: amber: cloudstack-alert"]
        assert "amber-2" in webhook.got[0]["message"] and webhook.got[0]["type"] == "failure"
        Finding.objects.update(closed_at=timezone.now())
        tick()
        tick()
        assert webhook.titles[1:] == ["Mended: amber: cloudstack-alert"]
        assert webhook.got[1]["type"] == "success"
        assert not Knowledge.objects.exists()

    def test_of_a_storm_is_one_message(self, route: Route, webhook: Webhook, amber: Pool) -> None:
        finding = Finding.objects.get(code="cloudstack-alert")
        for code in ("host-dead", "master-disputed", "cloudstack-down"):
            Finding.objects.create(
                pool=amber,
                code=code,
                severity="critical",
                subject_kind="pool",
                subject_name="amber",
                subject_uuid=code,
                says="So it is.",
                since=finding.since,
                seen_at=finding.seen_at,
            )
        tick()
        assert webhook.titles == ["4 messages from Baton"]
        assert Notice.objects.filter(state=Notice.SENT).count() == 4

    def test_of_what_a_run_causes_begins_when_it_is_expected_no_more(
        self, route: Route, webhook: Webhook, amber: Pool
    ) -> None:
        Finding.objects.update(expected_by=7)
        tick()
        assert webhook.titles == []
        Finding.objects.update(expected_by=None)
        tick()
        assert webhook.titles == ["Critical: amber: cloudstack-alert"]

    def test_ends_before_a_route_that_is_not_in_use(
        self, amber: Pool, route: Route, webhook: Webhook
    ) -> None:
        Route.objects.update(enabled=False)
        tick()
        assert webhook.titles == []

    def test_is_gone_once_only_by_two_gatherers_at_once(self, amber: Pool, route: Route) -> None:
        first, second = gather(timezone.now()), gather(timezone.now())
        assert (first, second) == (1, 0)


class TestAFailure:
    def test_is_tried_again_later_and_shown_until_then(
        self, amber: Pool, route: Route, webhook: Webhook
    ) -> None:
        webhook.status = 500
        tick()
        notice = Notice.objects.get()
        assert (notice.state, notice.tries) == (Notice.PENDING, 1)
        assert "500" in notice.error
        assert due(timezone.now()) == []
        webhook.status = 200
        Notice.objects.update(next_try_at=timezone.now())
        tick()
        notice.refresh_from_db()
        assert (notice.state, notice.error) == (Notice.SENT, "")
        assert webhook.titles == ["Critical: amber: cloudstack-alert"]

    def test_is_given_up_after_a_day(self, amber: Pool, route: Route, webhook: Webhook) -> None:
        webhook.status = 500
        tick()
        long_ago = timezone.now() - timedelta(hours=25)
        Notice.objects.update(next_try_at=timezone.now(), created=long_ago)
        tick()
        assert Notice.objects.get().state == Notice.FAILED

    def test_holds_up_no_other_route(self, amber: Pool, route: Route, webhook: Webhook) -> None:
        Route.objects.create(name="broken", url="json://127.0.0.1:1/nobody-is-there", at_least="critical")
        tick()
        assert webhook.titles == ["Critical: amber: cloudstack-alert"]
        assert Notice.objects.get(route__name="broken").state == Notice.PENDING

    def test_tells_no_secret(self, amber: Pool, route: Route, webhook: Webhook) -> None:
        webhook.status = 401
        tick()
        assert "pass-word-of-it" not in Notice.objects.get().error

    def test_of_a_key_that_is_gone_says_so(self, amber: Pool, route: Route, settings: Any) -> None:
        settings.CREDENTIAL_KEYS = ["another-key-that-is-long-enough-for-this"]
        tick()
        assert "CREDENTIAL_KEYS" in Notice.objects.get().error

    def test_of_a_sender_that_died_is_taken_over(self, amber: Pool, route: Route, webhook: Webhook) -> None:
        Route.objects.update(busy_until=timezone.now() + timedelta(seconds=30))
        tick()
        assert webhook.titles == []
        Route.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
        tick()
        assert len(webhook.titles) == 1


class TestPeople:
    def test_who_know_are_not_reminded_and_know_nothing_of_the_next(
        self, amber: Pool, route: Route, webhook: Webhook, django_user_model: Any
    ) -> None:
        bo = django_user_model.objects.create_user("bo")
        tick()
        Acknowledgement.objects.create(pool=amber, code="cloudstack-alert", by=bo)
        Knowledge.objects.update(at=timezone.now() - timedelta(days=1))
        tick()
        assert len(webhook.titles) == 1
        Finding.objects.update(closed_at=timezone.now())
        tick()
        assert Acknowledgement.objects.get().ended_at is not None

    def test_who_silence_a_pool_hear_of_it_when_the_silence_is_over(
        self, amber: Pool, route: Route, webhook: Webhook, django_user_model: Any
    ) -> None:
        bo = django_user_model.objects.create_user("bo")
        until = timezone.now() + timedelta(hours=1)
        Silence.objects.create(pool=amber, until=until, reason="new switch", by=bo)
        tick()
        assert webhook.titles == []
        Silence.objects.update(ended_at=timezone.now())
        tick()
        assert webhook.titles == ["Critical: amber: cloudstack-alert"]


class TestAnAddress:
    @pytest.mark.parametrize("url", ["", "nonsense", "gopher://x", "mailto://", "json://"])
    def test_that_apprise_does_not_know_is_refused(self, url: str) -> None:
        with pytest.raises(BadAddress):
            target_of(url)

    @pytest.mark.parametrize("url", ["syslog://", "dbus://"])
    def test_that_reaches_nobody_is_refused(self, url: str) -> None:
        with pytest.raises(BadAddress):
            target_of(url)

    def test_is_shown_without_its_secrets(self) -> None:
        assert "pass-word-of-it" not in masked("json://oncall:pass-word-of-it@127.0.0.1/hook")


def test_the_tick_hands_each_due_route_to_a_sender(amber: Pool, route: Route, broker: str) -> None:
    """By the real broker; the sender is another process, which is not here: nothing is sent, nothing is lost."""
    tasks.notice()
    assert Notice.objects.get().state == Notice.PENDING
