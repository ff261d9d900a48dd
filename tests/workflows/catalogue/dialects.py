"""Every workflow to its end on each release that the lab speaks, or told before its start why not: `make catalogue`."""

from __future__ import annotations

import pytest

from lab.testing import running_lab
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.catalogue.cases import CASES, RELEASES, Release, begin, laid_out
from tests.workflows.catalogue.mending import gone
from tests.workflows.catalogue.test_adding_hosts import cluster_of_cedar, run_to_the_end, vouched
from tests.workflows.catalogue.test_rolling_reboot import STRAIGHT
from tests.workflows.catalogue.test_straight_way import ended_well, settled_on_the_lab
from tests.workflows.engine.driving import drive_to_the_end, person
from workflows.running import choices

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
CANNOT = {("elect-master", "4.3.1"): "CloudStack leaves the election to us: no."}
"""Workflow and CloudStack → how the plan is refused."""


@pytest.mark.parametrize("release", RELEASES, ids=str)
@pytest.mark.parametrize("way", [*CASES, "rolling-reboot"])
def test_it_runs_to_its_end_or_says_before_the_start_why_not(way: str, release: Release) -> None:
    case, slug = CASES.get(way, STRAIGHT), way.partition(",")[0]
    with laid_out(case, release) as (_, pool):
        if why := CANNOT.get((way, release.cloudstack)):
            with pytest.raises(choices.Refused, match=why):
                begin(slug, pool, case.inputs)
            return
        run = drive_to_the_end(begin(slug, pool, case.inputs), person("bo"))
        ended_well(run)
        assert gone(way, pool)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_what_is_owed_is_put_back(release: Release) -> None:
    settled_on_the_lab(release)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_stranger_joins(release: Release) -> None:
    with running_lab("strangers", speed=400) as lab:
        lab.do(release.spoken)
        pool = pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0)
        ended_well(run_to_the_end(lab, pool, "add-hosts", vouched(lab, "birch-1")))
        assert gone("add-hosts", pool)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_pool_becomes_a_cluster(release: Release) -> None:
    with running_lab("strangers", speed=400) as lab:
        lab.do(release.spoken)
        ended_well(cluster_of_cedar(lab))
