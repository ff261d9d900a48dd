"""The two sides of bench/rolling.py, and their surroundings: a lab with pool amber, a database, a broker, and the
hands that drive a run of ours or the operators' script. Each side can be a process of its own, to be killed."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench import pace
from deploy.tether import tether

if TYPE_CHECKING:
    from bench.author import Script
    from lab.testing import RunningLab
    from pools.models import Pool
    from workflows.models import Run

MOST_HOSTS = 16
"""Of scenario `rolling`, with six guests on each."""
LOOKS_S = 10.0
"""Between two looks of ours: twice the longest pause that the engine makes. It is against us, and halves the bench."""
AT_ONCE_S = 0.35
"""A tick that asks for the next one so soon only goes on; it does not wait for anything."""


@contextmanager
def amber(hosts: int, rate: float = pace.RATE) -> Iterator[tuple[RunningLab, Pool]]:
    """Pool amber of that many hosts with their guests, HA on; lab time goes by as `pace` says."""
    from lab.testing import running_lab

    with running_lab("rolling", speed=None, plain=True) as lab:
        lab.do(lambda world: _smaller(world, hosts))
        with pace.going_by(lab.control_port, rate):
            yield lab, _registered(lab)


def _smaller(world: Any, hosts: int) -> None:
    from lab.world import pooling

    for host in world.pool("amber").hosts[hosts:]:
        for vm in host.resident:
            vm.power_state, vm.resident_on = "Halted", None
        pooling.forget_host(host)


def _registered(lab: RunningLab) -> Pool:
    from pools.models import CloudStack, Pool
    from pools.secret import Secret

    name = secrets.token_hex(4)
    cloudstack = CloudStack.objects.create(
        name=name,
        url=lab.cloudstack_url,
        api_key=Secret(lab.api_key),
        secret_key=Secret(lab.secret_key),
    )
    return Pool.objects.create(
        name=name,
        addresses=[host.address for host in lab.world.pool("amber").hosts],
        port=lab.port,
        user=lab.user,
        password=Secret(lab.password),
        plain_http=True,
        cloudstack=cloudstack,
        cluster="amber",
        approvals_needed=0,
    )


def script_of(pool: Pool, control: int) -> Script:
    """The operators' script, about to reboot that pool."""
    from bench.author import Script
    from pools.connect import cloudstack_endpoint, endpoint

    cloud = cloudstack_endpoint(pool)
    if cloud is None:
        raise AssertionError("no CloudStack")
    return Script(endpoint(pool), cloud, pool.cluster, control)


def started(pool: Pool) -> Run:
    """A run of ours: every host, guests back at the end."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from pools import collector
    from pools.connect import cloudstack_endpoint, endpoint
    from workflows.catalogue import WORKFLOWS
    from workflows.running import choices

    ada = User.objects.get_or_create(username="ada")[0]
    facts = collector.look(endpoint(pool), cloudstack_endpoint(pool), pool.cluster, now=timezone.now())
    if facts.pool is None:
        raise AssertionError(facts.pool_trouble)
    inputs = {"hosts": ",".join(host.uuid for host in facts.pool.hosts), "put_back": "yes"}
    run = choices.plan_run(WORKFLOWS["rolling-reboot"], pool, inputs, ada, facts)
    choices.start(run, ada)
    return run


def drive(run: Run, worker: str, control: int) -> None:
    """Ticks, and a yes to every question at once, until the run ends or needs a decision."""
    from workflows.running import choices
    from workflows.running.executor import tick

    while True:
        run.refresh_from_db()
        if run.ended or run.state in ("failed", "doubt"):
            return
        row = run.current()
        if run.state == "confirm" and row is not None and not (row.shown or {}).get("blocked"):
            choices.confirm(run, row.index, run.owner, row.digest, choices.name_to_type(run, row))
        tick(run.pk, worker)
        pace.sleep(control, _until_due(run))


def _until_due(run: Run) -> float:
    """Lab seconds until somebody would tick again."""
    from django.utils import timezone

    run.refresh_from_db()
    if run.state == "confirm" or run.next_due_at is None:
        return 0.0  # a person is at hand
    due = (run.next_due_at - timezone.now()).total_seconds()
    return LOOKS_S if due > AT_ONCE_S else max(0.0, due)


# As processes


def script_alone(pool_id: int, control: int) -> None:
    """The script in a process of its own, which ends with its parent."""
    tether(os.getppid())
    _django()
    from pools.models import Pool

    script_of(Pool.objects.get(pk=pool_id), control).run()


def worker_alone(run_id: int, control: int) -> None:
    """A worker of ours, and whoever says yes, in a process of their own, which ends with its parent."""
    tether(os.getppid())
    _django()
    from workflows.models import Run

    drive(Run.objects.get(pk=run_id), f"worker {os.getpid()}", control)


def _django() -> None:
    import django

    django.setup()


def settle_in(folder: str) -> subprocess.Popen[bytes]:
    """A database of its own, and a broker that nobody reads: finding none would cost time."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATA_DIR": folder,
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    os.environ.pop("DATABASE_URL", None)
    _django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    tethered = [sys.executable, "-m", "deploy.tether", str(os.getpid())]
    broker = [sys.executable, "-m", "dashboard.broker"]
    return subprocess.Popen([*tethered, *broker], stdout=subprocess.DEVNULL)
