"""What it costs to read a whole CloudStack: `python -m bench.sweep [POOLS HOSTS VMS]`, 1,000 16 100000 unless said.

CPU seconds are this process's own, of which the lab is none. The share is that of the interval as it is set: a reading
of hosts at each turn, guests once a minute.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

from bench.figures import Figure, report

POOLS, HOSTS, VMS = 1000, 16, 100_000
ROUNDS = 3
PAGE = 500
TURN_S, GUESTS_S = 10, 60


def figures(pools: int = POOLS, hosts: int = HOSTS, vms: int = VMS) -> Iterator[Figure]:
    """The first sweep, quiet ones without and with the guests, and how many calls those take."""
    from bench.lab import Lab

    size = f"{pools}x{hosts}"
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        _settle_in(folder)
        with Lab("--scenario", "big", "--pools", str(pools), "--hosts", str(hosts), "--vms", str(vms)) as lab:
            sweep = _sweeper(lab.port, pools)
            yield Figure(f"sweep-{size}-first", sweep(True)[0], "s", "<=30")
            quiet, calls = min(sweep(False) for _ in range(ROUNDS))
            yield Figure(f"sweep-{size}-hosts", quiet, "s", "<=2")
            yield Figure(
                f"sweep-{size}-hosts-calls", calls, "calls", f"<={_pages(pools) + _pages(pools * hosts) + 3}"
            )
            guests, calls = min(sweep(True) for _ in range(ROUNDS))
            yield Figure(f"sweep-{size}-guests-{vms}", guests - quiet, "s", "<=12")
            yield Figure(
                f"sweep-{size}-guests-{vms}-calls", calls, "calls", f"<={_pages(pools * hosts + vms) + 16}"
            )
            share = (quiet / TURN_S + (guests - quiet) / GUESTS_S) * 100
            yield Figure(f"sweep-{size}-share", share, "%core", "<=25")


def _pages(rows: int) -> int:
    return -(-rows // PAGE)


def _sweeper(port: int, pools: int) -> Callable[[bool], tuple[float, int]]:
    """A sweep whose turn it is, with or without the guests: its CPU seconds and its calls."""
    from pools import sweeping
    from pools.clients.cloudstack import CloudStack as Session
    from pools.models import CloudStack, Pool, Sweep
    from pools.secret import Secret

    cloudstack = CloudStack.objects.create(
        name="lab",
        url=f"http://127.0.0.1:{port + 1}/client/api",
        api_key=Secret("lab-api-key"),
        secret_key=Secret("lab-secret-key"),
    )
    names = [f"pool-{number:04}" for number in range(1, pools + 1)]
    Pool.objects.bulk_create(
        Pool(name=name, cloudstack=cloudstack, cluster=name, password=Secret("unused")) for name in names
    )
    calls: list[str] = []
    read = Session.read

    def counted(self: Session, command: str, **params: str) -> dict[str, Any]:
        calls.append(command)
        return read(self, command, **params)

    setattr(Session, "read", counted)  # noqa: B010 - a type checker takes no assignment to a method

    def sweep(guests: bool) -> tuple[float, int]:
        from django.utils import timezone

        sweeping.claim_due(timezone.now())
        Sweep.objects.update(guests_at=None if guests else timezone.now())
        calls.clear()
        began = process_time()
        sweeping.sweep(cloudstack.pk)
        if (trouble := Sweep.objects.get().failure()) is not None:
            raise SystemExit(f"bench.sweep: {trouble.says}")
        return process_time() - began, len(calls)

    return sweep


def _settle_in(folder: str) -> None:
    """A database of its own; nobody listens to what is announced."""
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


if __name__ == "__main__":
    report(figures(*(int(word) for word in sys.argv[1:])))
