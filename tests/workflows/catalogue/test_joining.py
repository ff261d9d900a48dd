"""Strangers on the lab: those that fit join, are discovered by CloudStack, and their login is gone with the run."""

from __future__ import annotations

import pytest

from lab.testing import RunningLab, running_lab
from pools.models import Pool
from pools.secret import Secret
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.engine.driving import drive_to_the_end, look, person
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Login, Run
from workflows.running import choices, newcomers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def planned(lab: RunningLab, pool: Pool, slug: str, strangers: str, **inputs: str) -> Run:
    login = newcomers.Credentials(Secret(lab.user), Secret(lab.password))
    words = newcomers.Words(pool, login, newcomers.named(strangers))
    facts = newcomers.seen(words, look(pool))
    run = choices.plan_run(WORKFLOWS[slug], pool, {"strangers": strangers, **inputs}, person("bo"), facts)
    newcomers.keep(run, login)
    return run


def test_a_stranger_joins_and_cloudstack_discovers_it() -> None:
    with running_lab("strangers", speed=400) as lab:
        pool = pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0)
        stranger = f"{lab.address('birch-1')} {lab.fingerprint('birch-1')}"
        run = planned(lab, pool, "add-hosts", stranger)
        choices.start(run, person("bo"))
        run = drive_to_the_end(run, person("bo"))
        told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
        assert run.state == RunState.DONE, (run.reason, told)
        assert not Login.objects.exists()
        pool.refresh_from_db()
        facts = look(pool)
        assert facts.pool and "birch-1" in {host.name for host in facts.pool.hosts}
        assert facts.pool.ha.enabled and facts.pool.ha.timeout_s == 180
        sent = [call["name"].removeprefix("Async.") for call in lab.calls(changing=True)]
        assert sent == ["pool.disable_ha", "pool.join", "pool.enable_ha", "addHost"]
