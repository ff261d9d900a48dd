"""Names that mean ill, given to everything by both captains: looked at over the wire, stored and shown."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from dashboard.metrics import Estate
from lab.testing import RunningLab, running_lab
from lab.world import World
from lab.xapi import dialects
from pools import sweeping, watching
from pools.models import Finding
from tests.pools.lab import cloudstack_of, pool_of

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-some-length-for-prometheus"

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "two\nlines\r\nSet-Cookie: a=b",
    'a"} 1\nup{x="',
    "abc\u202ecba\u2066",
    "n\0ul\x1b[31m",
    "half \ud800 a pair",
    "x" * 10_000,
    "{{ 7 }}{% now %}",
    "\u0430mber-1",
)
"""Markup, quotes, header and log lines, a metric's end, direction marks, controls, what UTF-8 lacks, length, templates,
and a letter that looks like another."""


POOLS = ("basalt", "cobalt")
"""The first is asked by XML-RPC alone, the second by JSON-RPC."""


def rename_all(world: World) -> None:
    names = cycle(HOSTILE)
    captain = world.cloudstack
    for row in (*captain.clusters.values(), *captain.hosts.values()):
        row.name = next(names)
    for cluster in captain.clusters.values():
        cluster.pod.name, cluster.pod.zone.name = next(names), next(names)
    for pool in map(world.pool, POOLS):
        for host in pool.hosts:
            host.name = next(names)
        for sr in pool.srs:
            sr.name = next(names)
        for vm in pool.vms:
            vm.name = next(names)
        captain_cluster = next(c for c in captain.clusters.values() if c.guid == pool.uuid)
        captain_cluster.name = cluster_of(pool.name)


def cluster_of(pool: str) -> str:
    return f"<script>alert('{pool}')</script>"


def looked_at(lab: RunningLab) -> list[set[str]]:
    """The addresses of each pool's hosts, after one sweep and one look at each."""
    lab.do(lambda world: dialects.speak(world.pool("basalt"), "6.2"))
    cloudstack = cloudstack_of(lab)
    pools = [pool_of(lab, name, cloudstack=cloudstack, cluster=cluster_of(name)) for name in POOLS]
    lab.do(rename_all)
    assert sweeping.claim_due(timezone.now()) == [cloudstack.pk]
    sweeping.sweep(cloudstack.pk)
    assert all(watching.watch(pool.pk) for pool in pools)
    return [{host.address for host in lab.world.pool(name).hosts} for name in POOLS]


def test_names_that_mean_ill_are_stored_and_shown_and_nothing_else(client: Client, settings: Any) -> None:
    with running_lab("estate", speed=1.0) as lab:
        addresses = looked_at(lab)
    client.force_login(User.objects.create_user("cy"))
    for name, own in zip(POOLS, addresses, strict=True):
        codes = set(Finding.objects.open().filter(pool__name=name).values_list("code", flat=True))
        assert not codes & {"cloudstack-cluster-missing", "cloudstack-unreachable", "master-unreachable"}
        page = shown(client, f"/pools/{name}/")
        assert {address for address in own if address not in page} == set(), "each host can still be told"
    assert "cloudstack-alert" in codes
    for address in ("/", "/timeline/"):
        shown(client, address)
    settings.METRICS_TOKEN = TOKEN
    metrics = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    told = {family.name for family in text_string_to_metric_families(metrics)}
    assert told == {family.name for family in Estate(timezone.now()).collect()}


def shown(client: Client, address: str) -> str:
    """The page, on which no name is more than text."""
    answer = client.get(address)
    page: str = answer.content.decode()
    assert answer.status_code == 200, address
    for evil in ("<script>alert(", "<img src=x", "\u202e", "\u2066", "\x1b", "\0", "x" * 300):
        assert evil not in page, (address, evil)
    return page
