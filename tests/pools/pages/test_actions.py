"""What can be done on the pages about pools: look now, search the timeline, connect what is out there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from bench import estate
from lab.testing import RunningLab, running_lab
from pools.models import Change, CloudStack, Pool
from pools.pages.views import A_PAGE

pytestmark = pytest.mark.django_db

Act = Callable[[str], Client]


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as lab:
        yield lab


@pytest.fixture
def sign_in() -> Act:
    def browser(role: str) -> Client:
        person = User.objects.create_user(role)
        person.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser


class TestLookNow:
    @pytest.fixture
    def pool(self) -> Pool:
        return estate.make(1, timezone.now())[0]

    def test_makes_the_pool_due_and_comes_back(self, sign_in: Act, pool: Pool) -> None:
        answer = sign_in("viewer").post(f"/pools/{pool.name}/look/", follow=True)
        assert f"Looking at {pool.name}" in answer.content.decode()
        pool.refresh_from_db()
        assert pool.next_look_at <= timezone.now()

    def test_is_never_done_by_a_link(self, sign_in: Act, pool: Pool) -> None:
        assert sign_in("viewer").get(f"/pools/{pool.name}/look/").status_code == 405
        before = pool.next_look_at
        pool.refresh_from_db()
        assert pool.next_look_at == before

    def test_of_an_unknown_pool_is_not_found(self, sign_in: Act) -> None:
        assert sign_in("viewer").post("/pools/nowhere/look/").status_code == 404

    def test_takes_a_form_of_our_own(self, pool: Pool) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(
            User.objects.create_user("eve"), backend="django.contrib.auth.backends.ModelBackend"
        )
        assert strict.post(f"/pools/{pool.name}/look/").status_code == 403


class TestTheTimeline:
    @pytest.fixture
    def cy(self, sign_in: Act) -> Client:
        now = timezone.now()
        amber, basalt = estate.make(2, now)
        Change.objects.all().delete()
        for pool, source, says, hours in (
            (amber, "xenserver", "HA was turned off.", 3),
            (amber, "cloudstack", "CloudStack shows it in Alert.", 2),
            (basalt, "xenserver", "HA was turned on.", 1),
        ):
            at = now - timedelta(hours=hours)
            Change.objects.create(pool=pool, at=at, source=source, kind="ha", subject="x", says=says, run=7)
        return sign_in("viewer")

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("", ["HA was turned on.", "CloudStack shows it in Alert.", "HA was turned off."]),
            ("?pool=pool-0000", ["CloudStack shows it in Alert.", "HA was turned off."]),
            ("?source=xenserver", ["HA was turned on.", "HA was turned off."]),
            ("?q=TURNED off", ["HA was turned off."]),
            ("?pool=pool-0001&source=cloudstack", []),
            ("?page=nonsense", ["HA was turned on.", "CloudStack shows it in Alert.", "HA was turned off."]),
        ],
    )
    def test_is_filtered_by_its_address_newest_first(self, cy: Client, query: str, said: list[str]) -> None:
        page = cy.get(f"/timeline/{query}").content.decode()
        places = [page.index(each) for each in said]
        assert places == sorted(places)
        assert page.count('<td class="nw faint">') == len(said)
        assert ("Nothing matches" in page) == (not said)

    def test_goes_on_over_pages_and_keeps_the_filter(self, cy: Client) -> None:
        pool = Pool.objects.get(name="pool-0000")
        Change.objects.bulk_create(
            Change(pool=pool, at=timezone.now(), source="baton", kind="x", subject="x", says=f"Line {n}.")
            for n in range(A_PAGE + 1)
        )
        page = cy.get("/timeline/?q=Line").content.decode()
        assert "page 1 of 2" in page
        assert "?page=2&amp;q=Line" in page

    def test_links_to_the_run_that_caused_it(self, cy: Client) -> None:
        assert 'href="/runs/7/"' in cy.get("/timeline/").content.decode()


def test_an_empty_timeline_says_what_will_stand_there(sign_in: Act) -> None:
    assert "Nothing has changed yet" in sign_in("viewer").get("/timeline/").content.decode()


class TestConnecting:
    @pytest.fixture
    def admin(self, sign_in: Act) -> Client:
        return sign_in("admin")

    def typed(self, lab: RunningLab, **changes: Any) -> dict[str, Any]:
        return {
            "name": "amber",
            "addresses": lab.address("amber-1"),
            "port": lab.port,
            "user": "root",
            "password": lab.password,
            "fingerprint": lab.fingerprint("amber-1"),
            **changes,
        }

    def test_the_forms_are_shown_with_their_hints(self, admin: Client) -> None:
        assert "Secrets are encrypted" in admin.get("/pools/add/").content.decode()
        assert admin.get("/cloudstacks/add/").status_code == 200

    def test_a_pool_that_answers_is_stored_and_shown(self, admin: Client, lab: RunningLab) -> None:
        answer = admin.post("/pools/add/", self.typed(lab), follow=True)
        assert "amber is connected" in answer.content.decode()
        assert answer.redirect_chain == [("/pools/amber/", 302)]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"password": "wrong"}, "password"),
            ({"port": 1}, "port"),
            ({"fingerprint": ""}, "Compare this fingerprint on the host itself"),
            ({"addresses": ""}, "This field is required."),
            ({"name": "not a slug"}, "valid"),
        ],
    )
    def test_bad_input_is_answered_at_its_field_and_nothing_is_stored(
        self, admin: Client, lab: RunningLab, changes: dict[str, Any], said: str
    ) -> None:
        answer = admin.post("/pools/add/", self.typed(lab, **changes))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert said in page
        assert 'class="wrong-field"' in page or 'role="alert"' in page
        assert not Pool.objects.exists()

    def test_a_refused_form_never_shows_the_password_again(self, admin: Client, lab: RunningLab) -> None:
        page = admin.post("/pools/add/", self.typed(lab, port=1, password="hunter2-hunter2")).content.decode()
        assert "hunter2-hunter2" not in page
        assert lab.address("amber-1") in page

    def test_a_cloudstack_is_asked_before_it_is_stored(self, admin: Client, lab: RunningLab) -> None:
        typed = {"name": "lab", "url": lab.cloudstack_url, "api_key": lab.api_key}
        refused = admin.post("/cloudstacks/add/", {**typed, "secret_key": "wrong-secret"})
        assert refused.status_code == 422 and not CloudStack.objects.exists()
        assert "wrong-secret" not in refused.content.decode()
        done = admin.post("/cloudstacks/add/", {**typed, "secret_key": lab.secret_key}, follow=True)
        assert "CloudStack lab is connected" in done.content.decode()

    @pytest.mark.parametrize("role", ["viewer", "operator", "approver"])
    def test_others_may_not(self, sign_in: Act, lab: RunningLab, role: str) -> None:
        assert sign_in(role).post("/pools/add/", self.typed(lab)).status_code == 403
        assert not Pool.objects.exists()
