"""How soon the watch knows, and what it costs when nothing happens: `python -m bench.listening [POOLS]`, else 200.

The broker, beat and one `watch` worker as `make demo` starts them, the web server, and the lab with TLS, all processes
of their own but the lab's world.

- a host is disabled by a call to its master: until the finding is stored, and until a client of the live stream that
  fetches the page's part, as a browser does, has it;
- a master is killed, another freezes (it takes connections and never answers): until that is stored;
- a new master answers: until it is followed;
- nothing happens: the worker's processor time for a pool in ten seconds, in all and against the number of guests.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from bench.figures import Figure, report
from bench.workers import ROOT, settle_in

if TYPE_CHECKING:
    from lab.testing import RunningLab
    from lab.world import VM, World
    from pools.models import Pool

POOLS, HOSTS, GUESTS = 200, 4, 20
FEW = 10
"""Pools of a small house: what the worker costs by itself is shared by few there."""
FLIPS, FAULTS = 40, 3
QUIET_S, LOOK_S = 30.0, 10.0
"""How long it is left alone for one figure, and WATCH_INTERVAL: each pool is promised a look that often."""
CURVE = (1, 10, 100)
CURVE_GUESTS, CHANGES = 10, 10
PATIENCE_S = 300.0
FINE_S = 0.02
"""How finely a latency is measured; the lab plays in this process, and must not be kept from answering."""
WATCH = (
    "worker",
    "-n",
    "watch@%h",
    "-Q",
    "watch,notices",
    "-P",
    "threads",
    "-c",
    "32",
    "--loglevel",
    "ERROR",
)
TICKS = os.sysconf("SC_CLK_TCK")


def figures(pools: int = POOLS) -> Iterator[Figure]:
    """All of them."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        settle_in(folder)
        with _watched(pools, GUESTS) as (lab, rows, house):
            yield Figure("listen-pools", len(rows), "pools", f">={pools}")
            yield from _flips(lab, rows, house)
            many = house.quiet()
            yield Figure("listen-quiet-cpu", _per_look(many, pools), "ms/look", "<=3")
            yield from _faults(lab, rows)
        curve: list[tuple[float, float]] = []
        for times in CURVE:
            with _watched(FEW, CURVE_GUESTS * times) as (lab, rows, house):
                curve.append((quiet := house.quiet(), house.changes(lab, rows, quiet)))
        few = curve[0][0]
        yield Figure(f"listen-quiet-cpu-{FEW}-pools", _per_look(few, FEW), "ms/look", ">=0")
        yield Figure("listen-quiet-cpu-one-pool-more", _per_look(many - few, pools - FEW), "ms/look", "<=3")
        for times, (quiet, change) in zip(CURVE, curve, strict=True):
            guests = CURVE_GUESTS * times
            yield Figure(f"listen-quiet-cpu-{guests}-guests", _per_look(quiet, FEW), "ms/look", ">=0")
            yield Figure(f"listen-change-cpu-{guests}-guests", change, "ms/change", ">=0")
        ends = curve[-1][0] / curve[0][0], curve[-1][1] / curve[0][1]
        yield Figure("listen-quiet-cpu-guests-x100", ends[0], "times", "<=1.5")
        yield Figure("listen-change-cpu-guests-x100", ends[1], "times", "<=1.5")


def _per_look(cpu_ms_a_second: float, pools: int) -> float:
    return cpu_ms_a_second * LOOK_S / pools


def _well(world: World) -> list[str]:
    """Pools without any trouble: in this scenario one in ten has some."""
    return [
        pool.name
        for pool in world.pools
        if pool.name and pool.ha_configuration.get("timeout") == "180" and all(h.enabled for h in pool.hosts)
    ]


def _flips(lab: RunningLab, rows: list[Pool], house: House) -> Iterator[Figure]:
    """A host that is well is disabled; every pool once at most."""
    from pools.clients.master import open_session
    from pools.connect import endpoint
    from pools.models import Finding

    stored, shown = [], []
    for pool in rows[:: max(1, len(rows) // FLIPS)]:
        host = lab.world.pool(pool.name).hosts[-1]
        about = Finding.objects.open().filter(pool=pool, code="host-disabled", subject_uuid=host.uuid)
        with open_session(endpoint(pool)) as xapi, house.browser(pool) as browser:
            began = time.perf_counter()
            xapi.call("host.disable", host.ref)
            _until(about.exists)
            stored.append(time.perf_counter() - began)
            _until(partial(getattr, browser, "saw_at"))
            shown.append(browser.saw_at - began)
    yield Figure("listen-flip-stored-p95", quantiles(stored, n=20)[-1] * 1000, "ms", "<=250")
    yield Figure("listen-flip-shown-p95", quantiles(shown, n=20)[-1] * 1000, "ms", "<=1000")


def _faults(lab: RunningLab, rows: list[Pool]) -> Iterator[Figure]:
    """Killed, followed, frozen: the worst of each. Those that freeze do so together."""
    killed, followed = [], []
    for dead in rows[:FAULTS]:
        began = time.perf_counter()
        lab.break_("kill", lab.world.pool(dead.name).hosts[0].name)
        killed.append(_found(dead, "master-unreachable") - began)
        followed.append(_elected(lab, dead))
    yield Figure("listen-master-killed", max(killed), "s", "<=5")
    yield Figure("listen-new-master-followed", max(followed), "s", "<=2")
    hung = rows[FAULTS : 2 * FAULTS]
    began = time.perf_counter()
    for pool in hung:
        lab.break_("hang", lab.world.pool(pool.name).hosts[0].name)
    yield Figure(
        "listen-master-frozen", max([_found(p, "master-unreachable") for p in hung]) - began, "s", "<=15"
    )


def _found(pool: Pool, code: str) -> float:
    from pools.models import Finding

    _until(Finding.objects.open().filter(pool=pool, code=code).exists)
    return time.perf_counter()


def _elected(lab: RunningLab, pool: Pool) -> float:
    """Seconds from when a new master answers until the pool's row names it."""
    from lab.world.mastery import believe_in
    from pools.models import Pool as Row

    theirs = lab.world.pool(pool.name)
    old, new = theirs.hosts[0], theirs.hosts[1]

    def elect() -> None:
        theirs.master = new
        believe_in([h for h in theirs.hosts if h is not old], new)

    lab.do(lambda _world: elect())
    began = time.perf_counter()
    named = Row.objects.filter(pk=pool.pk, facts__pool__master=new.uuid)
    _until(named.exists)
    return time.perf_counter() - began


@contextmanager
def _watched(pools: int, guests: int) -> Iterator[tuple[RunningLab, list[Pool], House]]:
    """So many well pools of a lab, as rows, and a house that listens to each."""
    from django.utils import timezone

    from lab.testing import running_lab
    from pools.models import CloudStack, Listener, Pool
    from tests.pools.lab import cloudstack_of, pool_of

    made = pools + pools // 5 + 5
    size = {"pools": made, "hosts": HOSTS, "vms": made * guests}
    with running_lab("big", speed=1.0, size=size) as lab:
        cloudstack = cloudstack_of(lab)
        rows = [pool_of(lab, name, cloudstack=cloudstack) for name in _well(lab.world)[:pools]]
        began = timezone.now()
        held = Listener.objects.filter(until__gt=began, packed__isnull=False)
        with _house() as house:
            try:
                _until(lambda: held.count() == pools and not Pool.objects.exclude(worst="").exists())
                time.sleep(LOOK_S)  # what the start left behind is neither quiet nor the rule
                yield lab, rows, house
            finally:
                Pool.objects.all().delete()
                CloudStack.objects.all().delete()


class Browser(threading.Thread):
    """Follows the live stream, and fetches the pool's page at each word about it, until that shows a disabled host."""

    def __init__(self, port: int, cookie: str, pool: Pool) -> None:
        super().__init__(daemon=True)
        self._port, self._cookie, self._pool = port, cookie, pool
        self.saw_at = 0.0
        self.ready = threading.Event()

    def run(self) -> None:
        stream = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        stream.request("GET", "/live/", headers={"Cookie": self._cookie})
        lines = stream.getresponse()
        self.ready.set()
        while not self.saw_at:
            line = lines.readline()
            if line.strip() == f"event: pool-{self._pool.pk}".encode() and self._shows():
                self.saw_at = time.perf_counter()
        stream.close()

    def _shows(self) -> bool:
        page = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        page.request("GET", f"/pools/{self._pool.name}/?part=findings", headers={"Cookie": self._cookie})
        return b"is live, but disabled" in page.getresponse().read()


class House:
    """The console's processes."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._all: list[subprocess.Popen[bytes]] = []
        listen = ("--host", "127.0.0.1", "--port", str(self.port), "--no-access-log", "--lifespan", "off")
        try:
            self._start("-m", "dashboard.broker")
            self._celery("beat", "--loglevel", "ERROR", "--pidfile", "")
            self._watch = self._celery(*WATCH)
            self._start("-m", "uvicorn", "dashboard.asgi:application", "--log-level", "error", *listen)
        except BaseException:  # an interruption too
            self.stop()
            raise

    def quiet(self) -> float:
        """The worker's milliseconds of processor time in a second in which nothing happens, everything included."""
        before = _cpu_seconds(self._watch.pid)
        time.sleep(QUIET_S)  # it is left alone for so long: that is the measurement
        return (_cpu_seconds(self._watch.pid) - before) * 1000 / QUIET_S

    def changes(self, lab: RunningLab, rows: list[Pool], quiet: float) -> float:
        """The worker's milliseconds of processor time for one guest's new name in one pool, beyond what the same time
        costs without."""
        before, began = _cpu_seconds(self._watch.pid), time.monotonic()
        for number in range(CHANGES):
            guest = lab.world.pool(rows[number % len(rows)].name).vms[-1]
            lab.do(partial(_touched, guest, number))
            time.sleep(1.5)  # changes that come together are judged together
        took = time.monotonic() - began
        return ((_cpu_seconds(self._watch.pid) - before) * 1000 - quiet * took) / CHANGES

    @contextmanager
    def browser(self, pool: Pool) -> Iterator[Browser]:
        """A signed-in client of the live stream."""
        from django.contrib.auth.models import User
        from django.test import Client

        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.get(username="ada"))
        browser = Browser(self.port, f"sessionid={client.cookies['sessionid'].value}", pool)
        browser.start()
        browser.ready.wait(10)
        yield browser

    def stop(self) -> None:
        for process in self._all:
            process.kill()
            process.wait()

    def _celery(self, *words: str) -> subprocess.Popen[bytes]:
        return self._start("-m", "celery", "--app", "dashboard", *words)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        started = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL
        )
        self._all.append(started)
        return started


@contextmanager
def _house() -> Iterator[House]:
    house = House()
    try:
        yield house
    finally:
        house.stop()


def _touched(guest: VM, number: int, _world: World) -> None:
    guest.name = f"{guest.name.partition('+')[0]}+{number}"


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _until(condition: Callable[[], object]) -> None:
    began = time.perf_counter()
    while not condition():
        if time.perf_counter() - began > PATIENCE_S:
            raise SystemExit("bench.listening: waited in vain")
        time.sleep(FINE_S)  # how fine this is measured


if __name__ == "__main__":
    report(figures(*map(int, sys.argv[1:2])))
