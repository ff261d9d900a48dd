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
    from pools.models import Pool

POOLS, HOSTS, GUESTS = 200, 4, 20
FLIPS, FAULTS = 40, 3
QUIET_S, LOOK_S = 30.0, 10.0
CURVE = (1, 10, 100)
CURVE_POOLS, CURVE_GUESTS = 10, 10
PATIENCE_S = 300.0
FINE_S = 0.005
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
    from lab.testing import running_lab

    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        settle_in(folder)
        with running_lab("big", speed=1.0, size=_size(pools, GUESTS)) as lab, _house() as house:
            rows = _watched(lab, pools)
            yield Figure("listen-pools", len(rows), "pools", f">={pools}")
            yield from _flips(lab, rows, house)
            yield Figure("listen-quiet-cpu", house.cost(rows), "ms/look", "<=3")
            yield from _faults(lab, rows)
            _forget()
        for times in CURVE:
            with running_lab("big", speed=1.0, size=_size(CURVE_POOLS, CURVE_GUESTS * times)) as lab:
                with _house() as house:
                    cost = house.cost(_watched(lab, CURVE_POOLS))
                    name = f"listen-quiet-cpu-{CURVE_GUESTS * times}-guests"
                    yield Figure(name, cost, "ms/look", "<=3")
                    _forget()


def _size(pools: int, guests: int) -> dict[str, int]:
    made = pools + pools // 4 + 2  # one in ten has its trouble, and CloudStack some more
    return {"pools": made, "hosts": HOSTS, "vms": made * guests}


def _flips(lab: RunningLab, rows: list[Pool], house: House) -> Iterator[Figure]:
    """A host that is well is disabled; every pool once at most."""
    from pools.clients.master import open_session
    from pools.connect import endpoint
    from pools.models import Finding

    stored, shown = [], []
    for pool in rows[:: max(1, len(rows) // FLIPS)]:
        host = lab.world.pool(pool.name).hosts[-1]
        if pool.worst or not host.enabled:
            continue
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
    """Killed, followed, frozen: the worst of each."""
    killed, followed, frozen = [], [], []
    well = [pool for pool in rows if pool.worst == ""]
    for number in range(FAULTS):
        dead, hung = well[2 * number], well[2 * number + 1]
        began = time.perf_counter()
        lab.break_("kill", lab.world.pool(dead.name).hosts[0].name)
        killed.append(_found(dead, "master-unreachable") - began)
        followed.append(_elected(lab, dead))
        began = time.perf_counter()
        lab.break_("hang", lab.world.pool(hung.name).hosts[0].name)
        frozen.append(_found(hung, "master-unreachable") - began)
    yield Figure("listen-master-killed", max(killed), "s", "<=5")
    yield Figure("listen-new-master-followed", max(followed), "s", "<=2")
    yield Figure("listen-master-frozen", max(frozen), "s", "<=15")


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
    named = Row.objects.filter(pk=pool.pk, good_facts__pool__master=new.uuid)
    _until(named.exists)
    return time.perf_counter() - began


def _watched(lab: RunningLab, pools: int) -> list[Pool]:
    """So many of the lab's pools as rows, all well, once somebody listens to each. The rest has trouble of its own."""
    from django.utils import timezone

    from pools.models import Listener, Pool
    from tests.pools.lab import cloudstack_of, pool_of

    cloudstack = cloudstack_of(lab)
    for name in [pool.name for pool in lab.world.pools if pool.name]:
        pool_of(lab, name, cloudstack=cloudstack)
    _until(lambda: not Pool.objects.filter(looked_at=None).exists())
    well = list(Pool.objects.filter(worst="").order_by("pk")[:pools])
    Pool.objects.exclude(pk__in=[pool.pk for pool in well]).delete()
    began = timezone.now()
    _until(lambda: Listener.objects.filter(until__gt=began, packed__isnull=False).count() == len(well))
    time.sleep(LOOK_S)  # what the start left behind is neither quiet nor the rule
    return well


def _forget() -> None:
    from pools.models import CloudStack, Pool

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
        self._broker = self._start("-m", "dashboard.broker")
        self._beat = self._celery("beat", "--loglevel", "ERROR", "--pidfile", "")
        self._watch = self._celery(*WATCH)
        listen = ("--host", "127.0.0.1", "--port", str(self.port), "--no-access-log", "--lifespan", "off")
        self._web = self._start(
            "-m", "uvicorn", "dashboard.asgi:application", "--log-level", "error", *listen
        )

    def cost(self, rows: list[Pool]) -> float:
        """The worker's milliseconds of processor time for a pool in the time of a look."""
        before = _cpu_seconds(self._watch.pid)
        time.sleep(QUIET_S)  # it is left alone for so long: that is the measurement
        spent = _cpu_seconds(self._watch.pid) - before
        return spent * 1000 / len(rows) / (QUIET_S / LOOK_S)

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
        for process in (self._web, self._watch, self._beat, self._broker):
            process.kill()
            process.wait()

    def _celery(self, *words: str) -> subprocess.Popen[bytes]:
        return self._start("-m", "celery", "--app", "dashboard", *words)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL)


@contextmanager
def _house() -> Iterator[House]:
    house = House()
    try:
        yield house
    finally:
        house.stop()


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
