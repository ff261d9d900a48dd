"""Runs of ours for benches, on pools of a lab in a process of its own: planned, started, and said yes to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pools.models import Pool
    from workflows.models import Run, RunStep

PATIENCE_S = 300.0


def registered(info: dict[str, Any], number: int, title: str) -> Pool:
    """A pool of the lab that `info` (`python -m lab info`) tells of, by a name of its own."""
    from pools.models import CloudStack, Pool
    from pools.secret import Secret

    cloud, who, told = info["cloudstack"], info["xapi"], info["pools"][number]
    keys = {"api_key": Secret(cloud["api_key"]), "secret_key": Secret(cloud["secret_key"])}
    cloudstack, _ = CloudStack.objects.get_or_create(
        url=cloud["url"], defaults={**keys, "name": cloud["url"]}
    )
    return Pool.objects.create(
        name=title,
        addresses=[host["address"] for host in told["hosts"]],
        port=info["ports"]["xapi"],
        user=who["user"],
        password=Secret(who["password"]),
        pins=[host["fingerprint"] for host in told["hosts"]],
        cloudstack=cloudstack,
        cluster=told["name"],
        approvals_needed=0,
    )


def started(pool: Pool, slug: str, **inputs: str) -> Run:
    """A run that ada has planned on facts of this moment, and started."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from pools import collector
    from pools.connect import cloudstack_endpoint, endpoint
    from workflows.catalogue import WORKFLOWS
    from workflows.running import choices

    ada = User.objects.get(username="ada")
    facts = collector.look(endpoint(pool), cloudstack_endpoint(pool), pool.cluster, now=timezone.now())
    run = choices.plan_run(WORKFLOWS[slug], pool, inputs, ada, facts)
    choices.start(run, ada)
    return run


def waits(run: Run) -> bool:
    """Whether it has come to the next step that a person confirms; false at its end."""
    began = time.perf_counter()
    while not ended(run):
        if run.state == "confirm":
            return True
        if run.state in ("failed", "doubt"):
            raise AssertionError(run.reason)
        in_time(began, str(run))
        time.sleep(0.02)  # the workers are other processes: the row is looked at until they have moved it
    return False


def confirm(run: Run) -> None:
    """Ada's yes to the step as it is shown."""
    from django.contrib.auth.models import User

    from workflows.running import choices

    row = current(run)
    by = User.objects.get(username="ada")
    choices.confirm(run, row.index, by, row.digest, choices.name_to_type(run, row))


def current(run: Run) -> RunStep:
    run.refresh_from_db()
    return run.steps.get(index=run.index)


def ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.ended


def in_time(began: float, what: str) -> None:
    """Raises AssertionError after PATIENCE_S."""
    if time.perf_counter() - began > PATIENCE_S:
        raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain for {what}")
