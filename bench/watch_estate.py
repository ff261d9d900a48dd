"""An estate of 1,000 pools watched by one `watch` worker, then with one pool in twenty hanging:
`python -m bench.watch_estate [POOLS HOSTS VMS]`.

The lab, the broker, beat and the worker are processes of their own, on the same machine. The age of a pool is that of
its last good look; it is read once a second in the steady state.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.figures import Figure, report
from bench.lab import Lab
from bench.workers import ROOT, settle_in

POOLS, HOSTS, VMS = 1000, 16, 100_000
SETTLE_S, STEADY_S = 600.0, 60.0
HANGING = 20
"""One pool in so many."""
WATCH = ("worker", "-Q", "watch", "-P", "threads", "-c", "32", "--loglevel", "ERROR")


def figures(pools: int = POOLS, hosts: int = HOSTS, vms: int = VMS) -> Iterator[Figure]:
    """How old the facts are, with and without hanging pools, and what the worker needs for it."""
    size = ("--scenario", "big", "--pools", str(pools), "--hosts", str(hosts), "--vms", str(vms))
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder, Lab(*size) as lab:
        settle_in(folder)
        _register(lab.port)
        house = [_start("-m", "dashboard.broker"), _start("-m", "celery", "--app", "dashboard", "beat")]
        worker = _start("-m", "celery", "--app", "dashboard", *WATCH)
        try:
            yield Figure("estate-first-looks", _all_seen(pools), "s", "<=600")
            before = _cpu(worker.pid)
            ages = _ages(STEADY_S, hanging=False)
            yield Figure("estate-oldest", max(ages), "s", "<=30")
            yield Figure("estate-age-p95", (alone := quantiles(ages, n=20)[-1]), "s", "<=30")
            yield Figure("estate-worker-cpu", (_cpu(worker.pid) - before) / STEADY_S * 100, "%core", "<=100")
            _hang(lab.port, pools)
            time.sleep(STEADY_S / 2)  # until the hanging ones hold every thread that they can
            beside = quantiles(_ages(STEADY_S, hanging=True), n=20)[-1]
            yield Figure("estate-age-p95-beside-hanging", beside, "s", f"<={max(alone * 1.2, alone + 2):.1f}")
            yield Figure("estate-worker-memory", _peak(worker.pid), "GB", "<=1")
        finally:
            for process in (worker, *house):
                process.terminate()
                process.wait(timeout=30)


def _register(port: int) -> None:
    from pools.models import CloudStack, Pool
    from pools.secret import Secret

    with urllib.request.urlopen(f"http://127.0.0.1:{port + 2}/info") as answer:
        info: dict[str, Any] = json.load(answer)
    cloud = info["cloudstack"]
    keys = {"api_key": Secret(cloud["api_key"]), "secret_key": Secret(cloud["secret_key"])}
    cloudstack = CloudStack.objects.create(name="lab", url=cloud["url"], **keys)
    Pool.objects.bulk_create(
        Pool(
            name=told["name"],
            addresses=[host["address"] for host in told["hosts"]],
            port=port,
            password=Secret(info["xapi"]["password"]),
            plain_http=True,
            cloudstack=cloudstack,
            cluster=told["name"],
        )
        for told in info["pools"]
    )


def _all_seen(pools: int) -> float:
    """Seconds until each pool was read once."""
    from pools.models import Pool

    began = time.monotonic()
    while Pool.objects.filter(good_at__isnull=False).count() < pools:
        if time.monotonic() - began > SETTLE_S:
            break
        time.sleep(1)  # the database is the worker's to use
    return time.monotonic() - began


def _ages(seconds: float, *, hanging: bool) -> list[float]:
    """Seconds since each pool's last good look, once a second; of those that hang, none."""
    from django.utils import timezone

    from pools.models import Pool

    ages: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = timezone.now()
        rows = Pool.objects.order_by("pk").values_list("good_at", flat=True)
        well = [at for i, at in enumerate(rows) if not hanging or i % HANGING]
        ages += [(now - at) / timedelta(seconds=1) if at else SETTLE_S for at in well]
        time.sleep(1)  # a sample each second
    return ages


def _hang(port: int, pools: int) -> None:
    for i in range(0, pools, HANGING):
        subprocess.run(
            [sys.executable, "-m", "lab", "--port", str(port), "break", "hang", f"pool-{i + 1:04}"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def _start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e9


if __name__ == "__main__":
    report(figures(*map(int, sys.argv[1:4])))
