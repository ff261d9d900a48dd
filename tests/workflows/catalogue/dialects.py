"""A rolling reboot of the master and a member, to its end, on every release that the lab speaks: `make catalogue`."""

from __future__ import annotations

import pytest

from pools.facts import Facts
from tests.workflows.catalogue.cases import Case, begin, laid_out
from tests.workflows.engine.driving import drive_to_the_end, person
from workflows.engine.states import RunState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
RELEASES = ("xenserver-6-2", "xenserver-6-5", "xenserver-7-1", "xenserver-8-2", "xenserver-current")


def two_hosts(facts: Facts) -> dict[str, str]:
    assert facts.pool
    master_first = sorted(facts.pool.hosts, key=lambda host: not host.is_master)
    return {"hosts": ",".join(host.uuid for host in master_first[:2]), "put_back": "yes"}


@pytest.mark.parametrize("release", RELEASES)
def test_a_rolling_reboot_on(release: str) -> None:
    with laid_out(Case("amber", two_hosts, (), scenario=release)) as (_, pool):
        run = drive_to_the_end(begin("rolling-reboot", pool, two_hosts), person("bo"))
        told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
        assert run.state == RunState.DONE, (run.reason, told)
        assert not run.debts.filter(paid_at=None).exists()
