"""What the engine promises in time: `python -m bench.engine`. Real workers, a real broker, the lab over sockets.

- from a person's yes to the first byte of the call at the captain, on an idle system;
- from a worker's death until its step moves again;
- how long a person waits for the answer to a yes while fifty runs go on at once on fifty pools.

In a folder of its own, removed at the end.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, report

if TYPE_CHECKING:
    from lab.testing import RunningLab
    from workflows.models import Run, RunStep

ROOT = Path(__file__).resolve().parent.parent
WORKER = ("worker", "--queues", "runs", "--pool", "prefork", "--concurrency", "2", "--loglevel", "ERROR")
PATIENCE_S = 300.0
LOOKS_S = 0.005
IDLE_RUNS, DEATHS, AT_ONCE = 5, 6, 50


def figures() -> Iterator[Figure]:
    """All three."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        _settle_in(folder)
        with _processes() as running:
            yield from _idle()
            yield from _deaths(running)
            yield from _at_once()


def _idle() -> Iterator[Figure]:
    """Every step of unprotect-vms is one call to the master."""
    from lab.testing import running_lab

    took: list[float] = []
    for number in range(IDLE_RUNS):
        with running_lab("protected-vms", speed=100) as lab:
            run = _started(lab, "amber", "unprotect-vms", {}, f"idle {number}")
            while _waits(run):
                took.append(_until_first_byte(lab, run))
    yield Figure("engine-confirm-to-first-byte-p95", _p95(took) * 1000, "ms", "<=300")


def _until_first_byte(lab: RunningLab, run: Run) -> float:
    """Seconds from before the yes until the captain has the call."""
    log = lab.world.calls.calls
    seen, began = len(log), time.perf_counter()
    _confirm(run)
    while not any(call.changing for call in log[seen:]):
        _in_time(began, "the call")
        time.sleep(LOOKS_S)  # the lab answers in this process: it needs its turn
    return time.perf_counter() - began


def _deaths(running: Workers) -> Iterator[Figure]:
    """The worker is killed right after its call has left."""
    from lab.testing import running_lab

    took: list[float] = []
    for number in range(DEATHS):
        with running_lab("healthy", speed=100) as lab:
            run = _started(lab, "amber", "disable-ha", {"wish": "for-now"}, f"deaths {number}")
            _waits(run)
            _until_first_byte(lab, run)
            fence, began = _fence(run), time.perf_counter()
            running.kill()
            while _fence(run) == fence:
                _in_time(began, "another worker")
                time.sleep(0.02)  # how fine this is measured
            took.append(time.perf_counter() - began)
            while _waits(run):
                _confirm(run)
    yield Figure("engine-killed-worker-moves-again-p95", _p95(took), "s", "<=15")


def _at_once() -> Iterator[Figure]:
    """Everybody says yes as soon as they are asked; the page's own address answers."""
    from django.contrib.auth.models import User
    from django.test import Client

    from lab.testing import running_lab

    client, took = Client(headers={"host": "localhost"}), []
    client.force_login(User.objects.get(username="ada"))
    with running_lab("big", speed=10, size={"pools": AT_ONCE, "hosts": 3, "vms": 150}) as lab:
        pools = [pool.name for pool in lab.world.pools if pool.ha_enabled and pool.name]
        runs = [_started(lab, name, "disable-ha", {"wish": "for-now"}, f"{name} at once") for name in pools]
        began = time.perf_counter()
        while open_ := [run for run in runs if not _ended(run)]:
            _in_time(began, f"{len(open_)} runs")
            for run in open_:
                if run.state == "confirm":
                    took.append(_answered(client, run))
            time.sleep(0.05)  # people are no faster, and the lab in this process needs its turn
        whole = time.perf_counter() - began
    yield Figure("engine-runs-at-once", len(runs), "runs", f">={AT_ONCE * 0.8:.0f}")
    yield Figure("engine-runs-at-once-all-ended", whole, "s", "<=120")
    yield Figure("engine-confirm-answered-p95", _p95(took), "s", "<=1")


def _answered(client: Any, run: Run) -> float:
    """Seconds that the browser waits."""
    row = _current(run)
    began = time.perf_counter()
    client.post(f"/runs/{run.pk}/confirm", {"index": row.index, "digest": row.digest})
    return time.perf_counter() - began


def _started(lab: RunningLab, name: str, slug: str, inputs: dict[str, str], title: str) -> Run:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from pools import collector
    from pools.connect import cloudstack_endpoint, endpoint
    from pools.models import CloudStack, Pool
    from pools.secret import Secret
    from workflows.catalogue import WORKFLOWS
    from workflows.running import choices

    ada = User.objects.get(username="ada")
    keys = {"api_key": Secret(lab.api_key), "secret_key": Secret(lab.secret_key)}
    cloudstack, _ = CloudStack.objects.get_or_create(
        url=lab.cloudstack_url, defaults={**keys, "name": lab.cloudstack_url}
    )
    hosts = lab.world.pool(name).hosts
    pool = Pool.objects.create(
        name=title,
        addresses=[host.address for host in hosts],
        port=lab.port,
        user=lab.user,
        password=Secret(lab.password),
        pins=[lab.fingerprint(host.name) for host in hosts],
        cloudstack=cloudstack,
        cluster=name,
        approvals_needed=0,
    )
    facts = collector.look(endpoint(pool), cloudstack_endpoint(pool), pool.cluster, now=timezone.now())
    run = choices.plan_run(WORKFLOWS[slug], pool, inputs, ada, facts)
    choices.start(run, ada)
    return run


def _waits(run: Run) -> bool:
    """Whether it has come to the next step that a person confirms; false at its end."""
    began = time.perf_counter()
    while not _ended(run):
        if run.state == "confirm":
            return True
        if run.state in ("failed", "doubt"):
            raise AssertionError(run.reason)
        _in_time(began, str(run))
        time.sleep(0.02)  # the workers are other processes: the row is looked at until they have moved it
    return False


def _confirm(run: Run) -> None:
    from django.contrib.auth.models import User

    from workflows.running import choices

    row = _current(run)
    by = User.objects.get(username="ada")
    choices.confirm(run, row.index, by, row.digest, choices.name_to_type(run, row))


def _current(run: Run) -> RunStep:
    run.refresh_from_db()
    return run.steps.get(index=run.index)


def _ended(run: Run) -> bool:
    run.refresh_from_db()
    return run.ended


def _fence(run: Run) -> int:
    run.refresh_from_db()
    return run.fence


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]


def _in_time(began: float, what: str) -> None:
    if time.perf_counter() - began > PATIENCE_S:
        raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain for {what}")


class Workers:
    """The broker, beat, and a worker that can be killed."""

    def __init__(self) -> None:
        self._all = [self._start("-m", "dashboard.broker")]
        self._all.append(self._celery("beat", "--loglevel", "ERROR"))
        self._worker = self._celery(*WORKER)

    def kill(self) -> None:
        """kill -9 of the worker with its children, and a new one in its place."""
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()
        self._worker = self._celery(*WORKER)

    def stop(self) -> None:
        for process in (*self._all, self._worker):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _celery(self, *words: str) -> subprocess.Popen[bytes]:
        return self._start("-m", "celery", "--app", "dashboard", *words)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, start_new_session=True)


@contextmanager
def _processes() -> Iterator[Workers]:
    running = Workers()
    try:
        yield running
    finally:
        running.stop()


def _settle_in(folder: str) -> None:
    """Settings, tables and ada, who may do everything."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATA_DIR": folder,
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    User.objects.create_superuser("ada")


if __name__ == "__main__":
    report(figures())
