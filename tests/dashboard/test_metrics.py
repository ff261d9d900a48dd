"""What Prometheus is given, and who may have it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from bench import estate
from dashboard.metrics import Estate
from pools.models import CloudStack, Exposure, Finding, Pool
from tests.dashboard.conftest import SignIn
from tests.pools.remembered import remembered
from tests.pools.world import SILENT, crashed

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-some-length-for-prometheus"


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(client: Client) -> dict[str, dict[tuple[str, ...], float]]:
    """Metric → labels' values in the order of their names → value."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        family.name: {
            tuple(v for _, v in sorted(sample.labels.items())): sample.value for sample in family.samples
        }
        for family in families
    }


class TestWhoMayRead:
    def test_a_stranger_is_told_what_to_send(self, client: Client) -> None:
        answer = client.get("/metrics")
        assert answer.status_code == 401
        assert "METRICS_TOKEN" in answer.content.decode()

    @pytest.mark.parametrize(
        "given", ["Bearer wrong", "Basic abc", "Bearer ", TOKEN, f"Bearer {TOKEN}x", "Bearer ü"]
    )
    def test_another_token_is_refused(self, client: Client, given: str) -> None:
        assert client.get("/metrics", headers={"Authorization": given}).status_code == 401

    def test_no_token_set_lets_no_empty_one_in(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = ""
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401

    def test_who_may_see_pools_may_see_them_as_numbers(self, sign_in: SignIn) -> None:
        assert sign_in("cy").get("/metrics").status_code == 200


class TestAnEstate:
    def test_in_trouble_says_which_captain_says_what(self, client: Client) -> None:
        pool = remembered(crashed())
        pool.cloudstack = pool.cloudstack or CloudStack.objects.create(
            name="ams", url="https://cs.example.org"
        )
        pool.save()
        found = scrape(client)
        assert found["baton_pools"][()] == 1
        assert found["baton_hosts_in_alert"][("amber",)] == 1
        assert found["baton_hosts_disagreed"][("amber",)] == 0  # both say that amber-2 is not well
        assert found["baton_hosts_cloudstack"][("amber", "Alert")] == 1
        assert found["baton_hosts_xenserver"][("amber", "Live, disabled")] == 1
        assert found["baton_findings"][("cloudstack-alert", "no", "amber", "critical")] == 1
        assert found["baton_host_unwell"] == {("Alert", "amber-2", "amber", "Live, disabled"): 1}

    def test_whose_cloudstack_is_silent_has_no_number_of_alerts(self, client: Client) -> None:
        """No alert in a silence would be told as none."""
        remembered(replace(crashed(), cloudstack=None, cloudstack_trouble=SILENT))
        found = scrape(client)
        assert not found["baton_hosts_in_alert"] and not found["baton_hosts_disagreed"]
        assert found["baton_hosts_xenserver"][("amber", "Live, disabled")] == 1

    def test_without_a_cloudstack_has_nobody_to_disagree_with(self, client: Client) -> None:
        remembered(replace(crashed(), cloudstack=None))
        found = scrape(client)
        assert not found["baton_hosts_in_alert"] and not found["baton_hosts_disagreed"]

    def test_an_expected_finding_is_counted_apart(self, client: Client) -> None:
        remembered(crashed())
        Finding.objects.filter(code="cloudstack-alert").update(expected_by=7)
        found = scrape(client)["baton_findings"]
        assert found[("cloudstack-alert", "yes", "amber", "critical")] == 1
        assert ("cloudstack-alert", "no", "amber", "critical") not in found

    def test_a_pool_with_ha_off_is_counted_from_the_moment_it_was_seen(self, client: Client) -> None:
        pool = remembered(crashed())
        short = pool.summary or {}
        short["ha"][0] = False
        pool.summary = short
        pool.save()
        since = timezone.now() - timedelta(seconds=90)
        Exposure.objects.create(pool=pool, kind="ha", since=since)
        found = scrape(client)
        assert found["baton_ha_enabled"][("amber",)] == 0
        assert 89 < found["baton_without_ha_seconds"][("amber",)] < 300
        assert "baton_ha_margin" not in found or ("amber",) not in found["baton_ha_margin"]

    def test_what_is_too_old_is_not_told_as_new(self, client: Client) -> None:
        pool = remembered(crashed())
        old = timezone.now() - timedelta(hours=1)
        Pool.objects.filter(pk=pool.pk).update(looked_at=old, good_at=old, next_look_at=old)
        found = scrape(client)
        assert found["baton_facts_age_seconds"][("amber",)] > 3500
        assert found["baton_watcher_lag_seconds"][()] > 3500
        assert not found["baton_ha_enabled"] and not found["baton_hosts_xenserver"]

    def test_costs_the_same_queries_at_any_size(
        self, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        estate.make(60, timezone.now())
        with django_assert_max_num_queries(7):
            scrape(client)


def exported() -> set[str]:
    return {family.name for family in Estate(timezone.now()).collect()}


def test_every_metric_is_documented_and_nothing_else() -> None:
    documented = re.findall(r"^\| `(baton_\w+)", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(exported())


def test_the_example_rules_name_only_what_is_exported() -> None:
    labels = {family.name: set(family._labelnames) for family in Estate(timezone.now()).collect()}
    for rule in rules():
        metric, *more = re.findall(r"\bbaton_\w+", rule["expr"])
        assert not more and metric in labels, rule["expr"]
        selected = re.findall(r"(\w+)=", " ".join(re.findall(r"{(.*?)}", rule["expr"])))
        summed = re.findall(r"\w+", " ".join(re.findall(r"by \((.*?)\)", rule["expr"])))
        told = re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])
        assert {*selected, *summed} <= labels[metric], rule["expr"]
        assert set(told) <= (set(summed) if summed else labels[metric]), rule["annotations"]


def test_the_example_rules_are_as_prometheus_reads_them() -> None:
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning") and rule["annotations"]["summary"]
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) >= 8


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((ROOT / "deploy/prometheus/baton.rules.yml").read_text())["groups"]
    assert set(group) == {"name", "rules"}
    found: list[dict[str, Any]] = group["rules"]
    return found
