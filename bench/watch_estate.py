"""An estate watched by one `watch` worker, then with some of its masters hanging:
`python -m bench.watch_estate [POOLS HOSTS VMS [plain]]`, 1,000 16 100000 over TLS unless said.

The lab, the broker, beat and the worker are processes of their own, on the same machine. The age of a pool is that of
its master's last word, told or asked for, as the pages show it; it is read once a second of each. A start is over when
somebody listens to each pool; what is hung up are the masters of one pool in so many.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

from bench.figures import Figure, report
from bench.lab import Lab
from bench.workers import Workers, processes, settle_in
from lab.remote import ask

POOLS, HOSTS, VMS = 1000, 16, 100_000
START_S, STEADY_S, TROUBLED_S = 900.0, 120.0, 60.0
LOOK_S = 10.0
"""WATCH_INTERVAL: each pool is promised a look that often."""
SETTLE_S = 30.0
"""Until hanging masters hold all that they can hold."""
ONE_IN = (20, 2)
"""One pool in twenty hangs, then one in two."""
WATCH = (
    *("worker", "-n", "watch@%h", "-Q", "watch,notices"),
    *("-P", "threads", "-c", "32", "--loglevel", "ERROR"),
)
TICKS = os.sysconf("SC_CLK_TCK")


def figures(pools: int = POOLS, hosts: int = HOSTS, vms: int = VMS, *, how: str = "tls") -> Iterator[Figure]:
    """How long a start takes, how old what is known is, with and without hanging masters, and the worker's needs."""
    size = ("--scenario", "big", "--pools", str(pools), "--hosts", str(hosts), "--vms", str(vms))
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        data = Path(folder, "lab")
        with Lab(*size, "--data", str(data), tls=how == "tls") as lab:
            settle_in(folder)
            _register(lab, _certificate(data / "certs", lab) if how == "tls" else "")
            with processes(WATCH) as house:
                yield from _start("start", house, pools)
                yield from _steady(house, pools)
                house.kill_whole("")
                yield from _start("start-again", house, pools)
                for one_in in ONE_IN:
                    yield from _beside_hanging(lab, house, one_in)
                yield Figure("estate-memory", _memory(house.pid, "VmHWM"), "GB", "<=1")
                yield Figure("estate-load", os.getloadavg()[0], "waiting", ">=0")


def _start(name: str, house: Workers, pools: int) -> Iterator[Figure]:
    """Until each pool is listened to by this worker."""
    from django.utils import timezone

    from pools.models import Listener, Pool

    began, before = timezone.now(), time.monotonic()
    listened = Listener.objects.filter(until__gt=began + timedelta(seconds=15), packed__isnull=False)
    ours = Pool.objects.filter(listener__in=listened, good_at__gt=began)
    while (so_many := ours.count()) < pools and time.monotonic() - before < START_S:
        time.sleep(1)  # the database is the worker's to use
    yield Figure(f"estate-{name}", time.monotonic() - before, "s", f"<={max(60, pools / 2):.0f}")
    yield Figure(f"estate-{name}-cpu", _cpu(house.pid), "s", ">=0")
    yield Figure(f"estate-{name}-listened", so_many, "pools", f">={pools}")


def _steady(house: Workers, pools: int) -> Iterator[Figure]:
    time.sleep(SETTLE_S)  # what a start leaves behind
    before = _cpu(house.pid)
    ages = _ages(STEADY_S, {})
    spent = _cpu(house.pid) - before
    yield Figure("estate-oldest", max(ages), "s", "<=30")
    yield Figure("estate-p95", quantiles(ages, n=20)[-1], "s", "<=30")
    yield Figure("estate-cpu", spent / STEADY_S * 100, "%core", "<=100")
    yield Figure("estate-quiet-cpu", spent / STEADY_S / pools * LOOK_S * 1000, "ms/look", "<=3")
    yield Figure("estate-memory-steady", _memory(house.pid, "VmRSS"), "GB", "<=1")


def _beside_hanging(lab: Lab, house: Workers, one_in: int) -> Iterator[Figure]:
    """The same of those whose masters do not hang."""
    from pools.models import Pool

    hanging = {
        pk: name for i, (pk, name) in enumerate(Pool.objects.values_list("pk", "name")) if not i % one_in
    }
    for name in hanging.values():
        ask(lab.port + 2, "/break", {"kind": "hang", "where": f"{name}:master"})
    time.sleep(SETTLE_S)  # until the hanging hold all that they can hold
    before = _cpu(house.pid)
    ages = _ages(TROUBLED_S, hanging)
    spent = _cpu(house.pid) - before
    name = f"estate-one-in-{one_in}-hangs"
    yield Figure(f"{name}-oldest", max(ages), "s", "<=30")
    yield Figure(f"{name}-p95", quantiles(ages, n=20)[-1], "s", "<=30")
    yield Figure(f"{name}-cpu", spent / TROUBLED_S * 100, "%core", "<=100")


def _ages(seconds: float, without: dict[int, str]) -> list[float]:
    """Seconds since each pool's master said something, once a second."""
    from django.utils import timezone

    from pools.models import Pool

    ages: list[float] = []
    others = Pool.objects.exclude(pk__in=without)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = timezone.now()
        ages += [_age(at, now) for at in others.values_list("good_at", flat=True)]
        time.sleep(1)  # a sample each second
    return ages


def _age(at: datetime | None, now: datetime) -> float:
    return (now - at).total_seconds() if at else START_S


def _register(lab: Lab, pin: str) -> None:
    """All of the lab's pools; without a pin by plain HTTP."""
    from pools.models import CloudStack, Pool
    from pools.secret import Secret

    info = lab.info()
    cloud = info["cloudstack"]
    words = {"api_key": Secret(cloud["api_key"]), "secret_key": Secret(cloud["secret_key"])}
    cloudstack = CloudStack.objects.create(name="lab", url=cloud["url"], **words)
    Pool.objects.bulk_create(
        Pool(
            name=told["name"],
            addresses=[host["address"] for host in told["hosts"]],
            port=lab.port,
            password=Secret(info["xapi"]["password"]),
            plain_http=not pin,
            pins=[pin] if pin else [],
            cloudstack=cloudstack,
            cluster=told["name"],
        )
        for told in info["pools"]
    )


def _certificate(keys: Path, lab: Lab) -> str:
    """One for all hosts, as of a whole domain: its fingerprint. A lab that reads sixteen thousand keys has no processor
    left for anything else."""
    from lab.server import tls

    shared = tls.certificate_file(keys, "estate", "127.0.0.1")
    for told in lab.info()["pools"]:
        for host in told["hosts"]:
            keys.joinpath(f"{host['name']}.pem").symlink_to(shared)
    return tls.fingerprint(tls.certificate_of(shared))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int, which: str) -> float:
    """Gigabytes: VmRSS is now, VmHWM the most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(which)).split()[1]) * 1024 / 1e9


if __name__ == "__main__":
    size = [int(word) for word in sys.argv[1:4]]
    report(figures(*size, how="plain" if "plain" in sys.argv[4:] else "tls"))
