"""Rolling reboot beside the script that operators had before: `python -m bench.rolling [HOSTS [SPEED]]`.

Both reboot every host of the same pool, on the same lab, with somebody at hand who says yes at once. Told are minutes
of the lab's time: the whole, and without HA; and what is left undone when each is killed in the middle.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, report

if TYPE_CHECKING:
    from lab.testing import RunningLab
    from pools.models import Pool
    from workflows.models import Run

HOSTS, SPEED = 16, 30.0
CRASH_SPEED = 60.0
CRASH_AT = "host.disable"
"""Killed right after the second of these: HA is off and a host is disabled."""


def figures(hosts: int = HOSTS, speed: float = SPEED) -> Iterator[Figure]:
    """The script first: it is what the others are measured by."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        broker = _settle_in(folder)
        script, script_without = _script(hosts, speed)
        yield Figure(f"rolling-{hosts}-hosts-script", script, "min", ">=0")
        yield Figure(f"rolling-{hosts}-hosts-script-without-ha", script_without, "min", ">=0")
        baton, baton_without = _baton(hosts, speed)
        yield Figure(f"rolling-{hosts}-hosts", baton, "min", f"<={script:.0f}")
        yield Figure(f"rolling-{hosts}-hosts-without-ha", baton_without, "min", f"<={script_without:.0f}")
        yield Figure("rolling-crash-left-undone-script", _script_killed(), "things", ">=0")
        yield Figure("rolling-crash-left-undone", _baton_killed(), "things", "<=0")
        broker.terminate()
        broker.wait()


def _script(hosts: int, speed: float) -> tuple[float, float]:
    with _lab(hosts, speed) as (lab, pool):
        began = lab.do(lambda world: world.now())
        _script_of(pool, speed).run()
        return _minutes(lab, began)


def _baton(hosts: int, speed: float) -> tuple[float, float]:
    with _lab(hosts, speed) as (lab, pool):
        began = lab.do(lambda world: world.now())
        run = _started(pool)
        _drive(run, "baton")
        if run.state != "done":
            raise AssertionError(f"{run}: {run.state}, {run.reason}")
        return _minutes(lab, began)


def _minutes(lab: RunningLab, began: float) -> tuple[float, float]:
    """The whole, and from HA's being turned off until it is turned on."""
    calls = lab.calls("pool.disable_ha", "pool.enable_ha", changing=True)
    off, on = (next(c["time"] for c in calls if name in c["name"]) for name in ("disable_ha", "enable_ha"))
    return (lab.do(lambda world: world.now()) - began) / 60, (on - off) / 60


def _script_killed() -> float:
    from bench.author import Killed

    seen: list[str] = []

    def dies(call: str) -> bool:
        seen.append(call)
        return seen.count(CRASH_AT) == 2 and seen[-1] != CRASH_AT

    with _lab(3, CRASH_SPEED) as (lab, pool):
        script = _script_of(pool, CRASH_SPEED)
        script.dies = dies
        try:
            script.run()
        except Killed:
            pass
        return float(_undone(lab))


def _baton_killed() -> float:
    """The worker is dropped in the middle; another one goes on."""
    with _lab(3, CRASH_SPEED) as (lab, pool):
        run = _started(pool)
        _drive(run, "first", until=lambda: len(lab.calls(CRASH_AT)) == 2)
        _drive(run, "second")
        open_debts = run.debts.filter(paid_at=None).count()
        return float(_undone(lab) + open_debts)


def _undone(lab: RunningLab) -> int:
    """HA off, a host disabled, in maintenance, or a cluster that is not managed."""
    pool = lab.world.pool("amber")
    disabled = sum(not host.enabled for host in pool.hosts)
    cloud = lab.world.cloudstack
    unmanaged = sum(cluster.managed_state != "Managed" for cluster in cloud.clusters.values())
    maintained = sum(row.resource_state != "Enabled" for row in cloud.hosts.values())
    return int(not pool.ha_enabled) + disabled + maintained + unmanaged


# The surroundings


@contextmanager
def _lab(hosts: int, speed: float) -> Iterator[tuple[RunningLab, Pool]]:
    """Pool amber of that many hosts with six guests on each, HA on."""
    from lab.testing import running_lab

    with running_lab("rolling", speed=speed, plain=True) as lab:
        if hosts < HOSTS:
            lab.do(lambda world: _smaller(world, hosts))
        yield lab, _registered(lab)


def _smaller(world: Any, hosts: int) -> None:
    from lab.world import pooling

    pool = world.pool("amber")
    for host in pool.hosts[hosts:]:
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


def _script_of(pool: Pool, speed: float) -> Any:
    from bench.author import Script
    from pools.connect import cloudstack_endpoint, endpoint

    cloud = cloudstack_endpoint(pool)
    if cloud is None:
        raise AssertionError("no CloudStack")
    return Script(endpoint(pool), cloud, pool.cluster, speed)


def _started(pool: Pool) -> Run:
    """Every host, guests back at the end."""
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


def _drive(run: Run, worker: str, until: Any = lambda: False) -> None:
    """Ticks without a pause, and a yes to every question, until the run ends or needs a decision."""
    from workflows.running import choices
    from workflows.running.executor import tick

    while not until():
        run.refresh_from_db()
        if run.ended or run.state in ("failed", "doubt"):
            return
        row = run.current()
        if run.state == "confirm" and row is not None and not (row.shown or {}).get("blocked"):
            choices.confirm(run, row.index, run.owner, row.digest, choices.name_to_type(run, row))
        tick(run.pk, worker)


def _settle_in(folder: str) -> subprocess.Popen[bytes]:
    """A database of its own, and a broker that nobody reads: finding none would cost time."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATA_DIR": folder,
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return subprocess.Popen([sys.executable, "-m", "dashboard.broker"])


if __name__ == "__main__":
    words = [float(word) for word in sys.argv[1:]]
    report(figures(int(words[0]) if words else HOSTS, words[1] if len(words) > 1 else SPEED))
