"""What Baton itself needs: told in `STANDS_ON`, or known from its own addresses and connections.

A name is resolved once in a process's life: a page must not wait for a name server that is away.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from pools.models import Pool
from workflows.engine.lockout import Own

BATON, DATABASE, BROKER, CLOUDSTACK = (
    "Baton",
    "Baton’s database",
    "Baton’s broker",
    "CloudStack’s management server",
)
TOLD = {"baton": BATON, "database": DATABASE, "broker": BROKER, "cloudstack": CLOUDSTACK}
"""Words of the setting `STANDS_ON`."""
XEN_UUID = Path("/sys/hypervisor/uuid")
"""A Xen guest can read its own uuid here, which is the VM's in XAPI."""
LOOPBACK = ("127.", "::1", "0.0.0.0")


def of(pool: Pool) -> tuple[Own, ...]:
    """Everything that a run on this pool must not take away unawares."""
    return tuple(dict.fromkeys((*_told(), *_this_machine(), *_connections(), *_cloudstack(pool))))


def _told() -> Iterator[Own]:
    for what, where in settings.STANDS_ON:
        yield Own(TOLD[what], where)
        yield from (Own(TOLD[what], address) for address in _addresses(where))


def _connections() -> Iterator[Own]:
    database = str(settings.DATABASES["default"].get("HOST") or "")
    broker = urlsplit(settings.REDIS_URL).hostname or ""
    for what, host in ((DATABASE, database), (BROKER, broker)):
        yield from (Own(what, address) for address in _addresses(host))


def _cloudstack(pool: Pool) -> Iterator[Own]:
    host = urlsplit(pool.cloudstack.url).hostname if pool.cloudstack else None
    yield from (Own(CLOUDSTACK, address) for address in _addresses(host or ""))


@cache
def _this_machine() -> tuple[Own, ...]:
    uuid = XEN_UUID.read_text().strip() if XEN_UUID.is_file() else ""
    named = (Own(BATON, uuid),) if uuid.strip("0-") else ()
    return (*named, *(Own(BATON, address) for address in _addresses(socket.gethostname())))


@cache
def _addresses(host: str) -> tuple[str, ...]:
    """The addresses of a host by name or address; none for a path, and none of those that every machine has."""
    if not host or host.startswith("/"):
        return ()
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:
        return ()
    return tuple(sorted(each for each in found if not each.startswith(LOOPBACK)))
