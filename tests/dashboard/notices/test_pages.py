"""The pages about notifications, and the buttons beside a finding."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.notices.models import Acknowledgement, Notice, Route, Silence
from pools.models import Pool
from tests.dashboard.conftest import SignIn
from tests.pools.remembered import remembered
from tests.pools.world import crashed

pytestmark = pytest.mark.django_db
ROUTE = {
    "name": "on-call",
    "url": "json://oncall:pass-word-of-it@127.0.0.1/hook",
    "at_least": "warning",
    "zones": "AMS-1, FRA-2",
    "kinds": ["new", "mended"],
    "remind_s": "0",
    "enabled": "on",
}


@pytest.fixture
def amber() -> Pool:
    return remembered(crashed())


class TestARoute:
    def test_is_stored_as_typed_in_and_its_secret_is_never_shown(self, sign_in: SignIn) -> None:
        root = sign_in("root")
        page = root.post("/notices/routes/add/", ROUTE, follow=True).content.decode()
        route = Route.objects.get()
        assert (route.zones, route.kinds, route.remind_s) == (["AMS-1", "FRA-2"], ["new", "mended"], 0)
        assert route.url.reveal() == ROUTE["url"]
        form = root.get(f"/notices/routes/{route.pk}/").content.decode()
        assert "on-call" in page and "pass-word-of-it" not in page + form

    def test_keeps_its_address_when_none_is_given(self, sign_in: SignIn) -> None:
        root = sign_in("root")
        root.post("/notices/routes/add/", ROUTE)
        route = Route.objects.get()
        root.post(f"/notices/routes/{route.pk}/", {**ROUTE, "url": "", "at_least": "critical"})
        route.refresh_from_db()
        assert (route.url.reveal(), route.at_least) == (ROUTE["url"], "critical")

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"url": "gopher://x"}, "Apprise does not understand this address"),
            ({"url": ""}, "This field is required"),
            ({"name": ""}, "This field is required"),
            ({"at_least": "loud"}, "not one of the available choices"),
            ({"kinds": []}, "This field is required"),
            ({"kinds": ["gone"]}, "not one of the available choices"),
        ],
    )
    def test_with_bad_input_is_answered_at_its_field(
        self, sign_in: SignIn, changes: dict[str, object], says: str
    ) -> None:
        answer = sign_in("root").post("/notices/routes/add/", {**ROUTE, **changes})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert not Route.objects.exists()

    def test_has_a_name_of_its_own(self, sign_in: SignIn) -> None:
        root = sign_in("root")
        root.post("/notices/routes/add/", ROUTE)
        assert "Another route has this name" in root.post("/notices/routes/add/", ROUTE).content.decode()

    def test_is_deleted_with_what_it_was_told(self, sign_in: SignIn) -> None:
        root = sign_in("root")
        root.post("/notices/routes/add/", ROUTE)
        root.post(f"/notices/routes/{Route.objects.get().pk}/", {"delete": "yes"})
        assert not Route.objects.exists()

    def test_is_tested_by_a_message_that_waits_for_the_sender(self, sign_in: SignIn) -> None:
        root = sign_in("root")
        root.post("/notices/routes/add/", ROUTE)
        page = root.post(f"/notices/routes/{Route.objects.get().pk}/test/", follow=True).content.decode()
        assert Notice.objects.get().kind == "test"
        assert "Baton: a test" in page

    def test_that_fails_says_why_on_the_page(self, sign_in: SignIn) -> None:
        root = sign_in("root")
        root.post("/notices/routes/add/", ROUTE)
        Notice.objects.create(
            route=Route.objects.get(), kind="new", severity="critical", title="t", tries=3, error="No answer."
        )
        page = root.get("/notices/").content.decode()
        assert "Failing" in page and "No answer. Tried 3 times" in page


class TestASilence:
    def test_has_an_end_a_reason_and_a_name(self, sign_in: SignIn, amber: Pool) -> None:
        bo = sign_in("bo")
        given = {"pool": "amber", "code": "cloudstack-alert", "span": "4h", "reason": "new switch"}
        page = bo.post("/notices/silence/", given, follow=True).content.decode()
        silence = Silence.objects.get()
        assert silence.until - silence.created == timedelta(hours=4)
        assert "new switch" in page and "cloudstack-alert on amber" in page
        assert "Silenced until" in bo.get("/pools/amber/").content.decode()

    @pytest.mark.parametrize(
        "changes", [{"reason": ""}, {"span": "for-ever"}, {"pool": "atlantis"}, {"code": "x"}]
    )
    def test_without_them_is_refused(self, sign_in: SignIn, amber: Pool, changes: dict[str, str]) -> None:
        given = {"pool": "amber", "code": "", "span": "1h", "reason": "why", **changes}
        assert sign_in("bo").post("/notices/silence/", given).status_code == 422
        assert not Silence.objects.exists()

    def test_is_ended_early(self, sign_in: SignIn) -> None:
        bo = sign_in("bo")
        bo.post("/notices/silence/", {"span": "1h", "reason": "why"})
        bo.post(f"/notices/silence/{Silence.objects.get().pk}/end/")
        assert not Silence.objects.in_force(timezone.now()).exists()


class TestAFinding:
    def test_is_acknowledged_where_it_stands(self, sign_in: SignIn, amber: Pool) -> None:
        bo = sign_in("bo")
        assert "I know of it" in bo.get("/pools/amber/").content.decode()
        given = {"pool": "amber", "code": "cloudstack-alert", "next": "/pools/amber/"}
        page = bo.post("/notices/acknowledge/", given, follow=True).content.decode()
        assert "bo knows of it" in page
        assert "bo knows of it" in bo.get("/").content.decode()

    def test_is_acknowledged_once_by_two(self, sign_in: SignIn, amber: Pool) -> None:
        given = {"pool": "amber", "code": "cloudstack-alert"}
        for name in ("bo", "ada"):
            assert sign_in(name).post("/notices/acknowledge/", given).status_code == 302
        assert Acknowledgement.objects.get().by.username == "bo"

    def test_that_is_not_open_is_not_acknowledged(self, sign_in: SignIn, amber: Pool) -> None:
        sign_in("bo").post("/notices/acknowledge/", {"pool": "amber", "code": "host-dead"})
        assert not Acknowledgement.objects.exists()

    def test_sends_nobody_away_from_the_console(self, sign_in: SignIn, amber: Pool) -> None:
        given = {"pool": "amber", "code": "cloudstack-alert", "next": "https://elsewhere.example.org/"}
        answer = sign_in("bo").post("/notices/acknowledge/", given)
        assert answer.headers["Location"] == "/pools/amber/"

    def test_shows_its_buttons_only_to_those_who_may(self, sign_in: SignIn, amber: Pool) -> None:
        assert "I know of it" not in sign_in("cy").get("/pools/amber/").content.decode()
