"""The estate at a glance: worst first, filtered by the address, and as quick with many pools as with few."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from bench import estate
from dashboard.overview import MOST_FINDINGS, MOST_ROWS
from dashboard.poolrows import pool_rows
from pools.models import Finding, Pool

SignIn = Callable[[str], Client]


def shown(page: str) -> list[str]:
    """The pools' names in the order of the table."""
    return re.findall(r'<th scope="row"><a class="plain" href="/pools/([^/]+)/"', page)


def look(client: Client, address: str = "/") -> str:
    return client.get(address).content.decode()


@pytest.fixture
def cy(sign_in: SignIn) -> Client:
    return sign_in("cy")


@pytest.fixture
def three(db: None) -> list[Pool]:
    """pool-0000 is well, pool-0001 has a warning, pool-0002 is critical."""
    pools = estate.make(3, timezone.now())
    for pool, worst in zip(pools[1:], ("warning", "critical"), strict=True):
        Pool.objects.filter(pk=pool.pk).update(worst=worst)
    return pools


def test_an_empty_estate_teaches_how_to_get_a_first_pool(cy: Client) -> None:
    page = look(cy)
    assert "No pools yet" in page
    assert 'href="/pools/add/"' in page and 'href="/cloudstacks/add/"' in page
    assert "<table" not in page


def test_the_worst_pool_stands_first(cy: Client, three: list[Pool]) -> None:
    assert shown(look(cy)) == ["pool-0002", "pool-0001", "pool-0000"]
    assert "2 of 3 pools need attention" in look(cy)


def test_a_pool_that_was_never_looked_at_is_unknown_and_before_the_well(
    cy: Client, three: list[Pool]
) -> None:
    Pool.objects.create(name="zinc", addresses=["10.9.9.9"], password="never-used-here")
    assert shown(look(cy)) == ["pool-0002", "pool-0001", "zinc", "pool-0000"]
    assert shown(look(cy, "/?state=unknown")) == ["zinc"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=critical", ["pool-0002"]),
        ("state=warning", ["pool-0001"]),
        ("state=ok", ["pool-0000"]),
        ("state=nonsense", ["pool-0002", "pool-0001", "pool-0000"]),
        ("zone=AMS-2", ["pool-0001"]),
        ("zone=nowhere", []),
        ("q=POOL-0001", ["pool-0001"]),
        ("q=pool-0002-4", ["pool-0002"]),
        ("q=10.0.1.3", ["pool-0001"]),
        ("q=uuid-2", ["pool-0002"]),
        ("q=h-pool-0000-5", ["pool-0000"]),
        ("state=ok&zone=AMS-2", []),
    ],
)
def test_the_address_filters(cy: Client, three: list[Pool], query: str, names: list[str]) -> None:
    page = look(cy, f"/?{query}")
    assert shown(page) == names
    assert ("No pool matches" in page) == (not names)


def test_counts_are_of_the_whole_estate_whatever_is_filtered(cy: Client, three: list[Pool]) -> None:
    for query in ("", "?state=ok", "?q=nothing-like-this"):
        chips = re.findall(r"<span>(\w+)</span> <b>(\d+)</b></a>", look(cy, f"/{query}"))
        assert chips == [("All", "3"), ("Critical", "1"), ("Warning", "1"), ("Unknown", "0"), ("Well", "1")]


def test_a_hostile_name_stays_text(cy: Client, three: list[Pool]) -> None:
    evil = "<script>alert(1)</script>"
    plain: dict[str, Any] = three[2].summary or {}
    plain["members"][0][0] = plain["master"] = evil
    Pool.objects.filter(pk=three[2].pk).update(summary=plain, zone=evil)
    page = look(cy, f"/?q={evil}")
    assert evil not in page
    assert "&lt;script&gt;" in page


def found(pool: Pool, number: int, **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "code": f"code-{number}",
        "severity": "warning",
        "subject_kind": "host",
        "subject_name": f"host-{number}",
        "subject_uuid": f"h-{number}",
        "says": f"Trouble {number}.",
        "means": "It matters.",
        "since": timezone.now(),
        "seen_at": timezone.now(),
    }
    return Finding.objects.create(pool=pool, **{**values, **changes})


def test_findings_that_need_a_human_stand_worst_first_and_the_rest_is_counted(
    cy: Client, three: list[Pool]
) -> None:
    for number in range(MOST_FINDINGS + 2):
        found(three[1], number)
    found(three[2], 99, severity="critical")
    part = look(cy, "/?part=findings")
    assert part.count("<li id=") == MOST_FINDINGS
    assert part.index("Trouble 99.") < part.index("Trouble 0.")
    assert "3 more on the pools" in part


@pytest.mark.parametrize("changes", [{"severity": "info"}, {"expected_by": 7}, {"closed_at": timezone.now()}])
def test_notes_what_a_run_causes_and_what_is_mended_need_nobody(
    cy: Client, three: list[Pool], changes: dict[str, Any]
) -> None:
    found(three[1], 1, **changes)
    part = look(cy, "/?part=findings")
    assert "Nothing needs a human" in part
    assert "Trouble 1." not in part


@pytest.mark.parametrize("address", ["/", "/?part=head", "/?part=pools", "/?part=findings", "/?part=work"])
def test_ten_more_pools_take_no_more_queries(
    cy: Client, django_assert_max_num_queries: DjangoAssertNumQueries, address: str
) -> None:
    estate.make(estate.ODD, timezone.now())  # with a finding among them
    with django_assert_max_num_queries(16) as few:
        cy.get(address)
    Pool.objects.all().delete()
    estate.make(estate.ODD + 10, timezone.now())
    with django_assert_max_num_queries(len(few)):
        cy.get(address)


def test_no_look_is_decoded_for_a_row(db: None) -> None:
    estate.make(2, timezone.now())
    for row in pool_rows(timezone.now()):
        assert {"facts", "good_facts", "password"} <= row.pool.get_deferred_fields()


def test_a_thousand_pools_are_dense_light_and_worst_first(cy: Client) -> None:
    estate.make(1000, timezone.now())
    answer = cy.get("/", headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) < 100_000
    page = look(cy)
    assert len(shown(page)) == MOST_ROWS
    assert shown(page)[0] == "pool-0049"
    assert "What is odd" in page and "CloudStack shows pool-0049-2 in Alert." in page
    assert "5 well" in page
    everything = cy.get("/?rows=all", headers={"accept-encoding": "gzip"})
    assert len(everything.content) < 100_000
    assert len(shown(look(cy, "/?rows=all"))) == 1000


class TestWithADeadWatcher:
    """Nobody judges any more, so the page itself says that what it shows is old."""

    @pytest.fixture(autouse=True)
    def an_old_look(self, three: list[Pool]) -> None:
        Pool.objects.update(looked_at=timezone.now() - timedelta(minutes=5))

    def test_no_pool_is_called_well_or_critical(self, cy: Client) -> None:
        page = look(cy, "/?part=pools")
        assert len(re.findall(r'<span class="state"><span class="mark is-unknown">', page)) == 3
        assert "is-ok" not in page.split("<tbody>")[1]

    def test_the_page_says_since_when(self, cy: Client) -> None:
        head = look(cy, "/?part=head")
        assert "No pool is being looked at" in head
        assert "Not looked at since" in head

    def test_ages_stand_out(self, cy: Client) -> None:
        assert look(cy, "/?part=pools").count('class="old"') == 3

    def test_one_pool_left_behind_is_named(self, cy: Client, three: list[Pool]) -> None:
        Pool.objects.exclude(pk=three[1].pk).update(looked_at=timezone.now())
        assert "pool-0001 is not being looked at" in look(cy, "/?part=head")


def test_a_fresh_look_is_not_called_old(cy: Client, three: list[Pool]) -> None:
    assert "Not looked at since" not in look(cy)
    assert 'class="old"' not in look(cy)
