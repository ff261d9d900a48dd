"""One pool's page: what it says on top, its live parts, who holds it, and that nothing old passes for new."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pools.encoding import facts_to
from pools.facts import Facts
from pools.models import Change, Finding, Pool
from pools.pages.views import PARTS
from tests.pools.remembered import remembered
from tests.pools.world import amber, crashed, master_silent
from workflows.models import Debt, Run

pytestmark = pytest.mark.django_db

See = Callable[..., str]


@pytest.fixture
def cy(client: Client) -> Client:
    client.force_login(User.objects.create_user("cy", first_name="Cy"))
    return client


@pytest.fixture
def see(cy: Client) -> See:
    def page(address: str = "") -> str:
        return cy.get(f"/pools/amber/{address}").content.decode()

    return page


def heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (amber(), "amber is well"),
        (crashed(), "CloudStack shows amber-2 in Alert"),
        (amber().with_ha(timeout_s=60), "HA in amber has a timeout of 60 s; its policy wants 180 s"),
        (master_silent(), "does not answer"),
    ],
)
def test_the_heading_says_the_worst(see: See, facts: Facts, said: str) -> None:
    remembered(facts)
    assert said in heading(see())


@pytest.mark.parametrize(
    ("facts", "word"), [(amber(), "Well"), (crashed(), "Critical"), (master_silent(), "Silent")]
)
def test_the_badge_says_the_state(see: See, facts: Facts, word: str) -> None:
    remembered(facts)
    assert re.search(rf'<span class="badge[^>]*>.*?{word}</span>', see("?part=head"))


def test_a_pool_never_looked_at_says_what_to_wait_for(see: See) -> None:
    Pool.objects.create(name="amber", addresses=["127.10.1.1"], password="never-used-here")
    page = see()
    assert heading(page) == "amber: not looked at yet"
    assert "due" in page and "<table" not in page


@pytest.mark.parametrize("part", PARTS)
def test_each_live_part_is_the_same_alone_as_in_the_page(see: See, part: str) -> None:
    remembered(crashed())

    def steady(text: str) -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|[\d.]+', "", text).strip()

    assert steady(see(f"?part={part}")) in steady(see())


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("facts", [amber(), master_silent(), amber().with_pool(hosts=(), vms=(), pbds=())])
def test_every_part_can_be_shown_of_any_look(cy: Client, part: str, facts: Facts) -> None:
    remembered(facts)
    assert cy.get(f"/pools/amber/?part={part}").status_code == 200


def test_a_part_that_does_not_exist_is_the_whole_page(see: See) -> None:
    remembered(amber())
    assert "</html>" in see("?part=../../../etc/passwd")
    assert "<b>6h</b>" in see("?span=nonsense")


@pytest.mark.parametrize("path", ["/pools/nowhere/", "/pools/nowhere/?part=head"])
def test_a_pool_that_is_not_there_is_not_found(cy: Client, path: str) -> None:
    assert cy.get(path).status_code == 404


def test_a_silent_master_is_never_shown_with_its_old_properties(see: See) -> None:
    remembered(master_silent(), good_at=timezone.now() - timedelta(minutes=3))
    page = see()
    assert "Not known while the master is silent" in page
    assert "last answered" in page
    assert "Live, enabled" not in page


class TestWithADeadWatcher:
    @pytest.fixture(autouse=True)
    def old(self) -> None:
        remembered(crashed(), looked_at=timezone.now() - timedelta(minutes=5))

    def test_the_page_says_since_when_nobody_looked(self, see: See) -> None:
        head = see("?part=head")
        assert "Not looked at since" in head
        assert "nobody is looking" in heading(head)

    def test_the_badge_claims_nothing(self, see: See) -> None:
        head = see("?part=head")
        assert 'class="badge is-unknown"' in head
        assert "is-crit" not in head

    def test_ages_stand_out_where_the_facts_are(self, see: See) -> None:
        for part in ("head", "captains", "drawing", "audit"):
            assert 'class="old"' in see(f"?part={part}"), part


def test_hostile_words_of_a_captain_stay_text(see: See) -> None:
    evil = "<script>alert(1)</script>"
    facts = amber().with_host("amber-2", name=evil, enabled=False).with_cs_host("cs-2", state=evil, name=evil)
    facts = facts.with_cloudstack(zone=evil, managedstate=evil, version=evil)
    pool = remembered(facts, zone=evil)
    Change.objects.create(
        pool=pool, at=timezone.now(), source="xenserver", kind="boot", subject=evil, says=evil
    )
    page = see()
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_the_number_of_queries_does_not_grow_with_the_findings(
    cy: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    pool = remembered(crashed())
    for number in range(40):
        Change.objects.create(
            pool=pool, at=timezone.now(), source="baton", kind="x", subject="amber", says=str(number)
        )
    with django_assert_max_num_queries(25):
        cy.get("/pools/amber/")


class TestWhileARunIsAtIt:
    @pytest.fixture
    def run(self) -> Run:
        bo = User.objects.create_user("bo", first_name="Bo")
        facts = amber().with_ha(enabled=False)
        pool = remembered(facts)
        run = Run.objects.create(
            workflow="remove-master",
            pool=pool,
            title="Remove master amber-1 from amber",
            baseline=facts_to(amber()),
            plan={},
            fingerprint="f",
            state="confirm",
            holds_pool=True,
            requested_by=bo,
            owner=bo,
            note="INC-4471",
        )
        Finding.objects.filter(pool=pool).update(expected_by=run.pk)
        Pool.objects.filter(pk=pool.pk).update(worst="")
        return run

    def test_the_page_says_who_holds_the_pool_and_why(self, see: See, run: Run) -> None:
        head = see("?part=head")
        for said in (
            run.title,
            "Bo owns it",
            "INC-4471",
            f'href="/runs/{run.pk}/"',
            "No other run can start",
        ):
            assert said in head

    def test_what_the_run_causes_is_expected_and_no_alarm(self, see: See, run: Run) -> None:
        assert heading(see()) == "amber is well"
        findings = see("?part=findings")
        assert "Expected" in findings and f"Run {run.pk}</a> causes this" in findings
        assert f"Open run {run.pk}" in findings
        assert "is-crit" not in findings

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ("confirm", "which is to put it back"),
            ("failed", "stands still and waits for a person"),
            ("aborted", "nothing puts it back by itself"),
        ],
    )
    def test_a_debt_stands_on_top_until_it_is_paid(
        self, cy: Client, see: See, run: Run, state: str, said: str
    ) -> None:
        Run.objects.filter(pk=run.pk).update(state=state)
        debt = Debt.objects.create(run=run, kind="ha", says="HA of amber is off.", step_index=3)
        for page in (see("?part=head"), cy.get("/?part=work").content.decode()):
            assert "HA of amber is off." in page and said in page
        Debt.objects.filter(pk=debt.pk).update(paid_at=timezone.now())
        assert "HA of amber is off." not in see() + cy.get("/").content.decode()

    def test_a_pool_nobody_holds_says_so(self, see: See, run: Run) -> None:
        Run.objects.update(holds_pool=False, state="done")
        assert "no run holds it" in see("?part=head")
