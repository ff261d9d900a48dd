"""A running lab: the world, its clock, and a listener for every host, for CloudStack and for control."""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from pathlib import Path
from typing import Any

from lab import opening
from lab.cloudstack import server as cloudstack_server
from lab.server import control, limits, tls
from lab.server.driving import Driver
from lab.server.http import Listener
from lab.server.settings import Settings
from lab.world import ScaledClock
from lab.world.things import Host
from lab.xapi import server as xapi_server

LOOPBACK = "127.0.0.1"
KEYS_AT_ONCE = 500  # hosts whose certificates are made just to be told of


class PortTaken(Exception):
    """A port of the lab cannot be listened on; the text says which, why, and what to do."""


class Lab:
    """Everything that ``python -m lab`` runs. Use it inside one event loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.world = opening.world(settings)
        self.listeners: dict[Host, Listener] = {}
        self._identities: dict[Host, tls.Identity] = {}
        self._temporary = tempfile.TemporaryDirectory(prefix="lab-") if settings.data is None else None
        self._folder = Path(self._temporary.name if self._temporary else settings.data or ".") / "certs"
        self._driver: Driver | None = None
        self._syncing: asyncio.Task[None] | None = None
        self._sync_again = False

    async def start(self) -> None:
        """Listen everywhere and let time run; PortTaken if a port is in use, and then nothing is left listening."""
        settings = self.settings
        limits.make_room(len(self.world.machines))
        self.control = Listener(control.handler(self), LOOPBACK, settings.control_port)
        self.world.certificate = self.certificate
        api = cloudstack_server.handler(self.world.cloudstack)
        self.cloudstack = Listener(api, LOOPBACK, settings.cloudstack_port)
        for host in self.world.machines:
            self.listeners[host] = self._listener(host)
        try:
            await self.control.set_mode("open")  # first: it tells whether another lab has these ports
            await self.cloudstack.set_mode("open")
            await self._sync_listeners()
        except OSError as problem:
            await self.stop()
            raise PortTaken(_sentence(problem, settings)) from problem
        self.world.listen(lambda what, thing: self._resync())
        if isinstance(self.world.clock, ScaledClock):
            self._driver = Driver(self.world.clock, asyncio.get_running_loop())
            self._driver.start()

    def _listener(self, host: Host) -> Listener:
        handle = xapi_server.handler(self.world, host)
        if self.settings.plain:
            return Listener(handle, host.address, self.settings.port)
        self._identities[host] = tls.Identity(self._folder, host.name, host.address)
        return Listener(handle, host.address, self.settings.port, self._identities[host].context)

    def certificate(self, host: Host) -> str:
        """What the host shows, in PEM; empty without TLS."""
        identity = self._identities.get(host)
        return identity.certificate if identity is not None else ""

    async def stop(self) -> None:
        """Close everything."""
        if self._driver is not None:
            self._driver.stop()
        for listener in (*self.listeners.values(), self.cloudstack, self.control):
            await listener.set_mode("closed")
        if self._temporary is not None:
            self._temporary.cleanup()

    def _resync(self) -> None:
        """Something happened that may open or close a host's port. Changes during a sync are caught by another."""
        if self._syncing is None or self._syncing.done():
            self._syncing = asyncio.get_running_loop().create_task(self._sync_until_quiet())
        else:
            self._sync_again = True

    async def _sync_until_quiet(self) -> None:
        self._sync_again = True
        while self._sync_again:
            self._sync_again = False
            await self._sync_listeners()

    async def _sync_listeners(self) -> None:
        for host, listener in self.listeners.items():
            await listener.set_mode(_mode(host))

    def new_certificate(self, host: Host) -> None:
        """The host shows another certificate from now on."""
        if host in self._identities:
            self._identities[host].renew()
            self.listeners[host].reset_connections()

    def _fingerprint(self, host: Host) -> str:
        """Empty without TLS, and in a large lab for a host that nobody has talked to: a key takes a millisecond."""
        identity = self._identities.get(host)
        if identity is None or (len(self._identities) > KEYS_AT_ONCE and not identity.made):
            return ""
        return tls.fingerprint(identity.certificate)

    def info(self) -> dict[str, Any]:
        """Addresses, fingerprints and passwords: all that a client must know."""
        settings = self.settings
        return {
            "scenario": settings.scenario,
            "speed": settings.speed,
            "pid": os.getpid(),
            "ports": {
                "xapi": settings.port,
                "cloudstack": settings.cloudstack_port,
                "control": settings.control_port,
            },
            "xapi": {
                "user": "root",
                "password": self.world.hosts[0].root_password,
                "tls": not settings.plain,
            },
            "cloudstack": {
                "url": f"http://{LOOPBACK}:{settings.cloudstack_port}/client/api",
                "api_key": "lab-api-key",
                "secret_key": "lab-secret-key",
                "user_api_key": "user-api-key",
                "user_secret_key": "user-secret-key",
            },
            "pools": [self._pool_info(pool) for pool in self.world.pools],
        }

    def _pool_info(self, pool: Any) -> dict[str, Any]:
        return {"name": pool.name, "hosts": [self._host_info(host) for host in pool.hosts]}

    def _host_info(self, host: Host) -> dict[str, Any]:
        return {
            "name": host.name,
            "address": host.address,
            "port": self.settings.port,
            "master": host is host.pool.master,
            "fingerprint": self._fingerprint(host),
        }


def _mode(host: Host) -> str:
    """What happens to a connection to this host now."""
    if host.power != "on" or host.toolstack != "running":
        return "closed"
    return "swallowing" if host.network_cut or host.clients_cut else "open"


def _sentence(problem: OSError, settings: Settings) -> str:
    ports = f"{settings.port}, {settings.cloudstack_port} and {settings.control_port}"
    if problem.errno == errno.EADDRINUSE:
        return f"A port of {ports} is in use: stop the other program, or choose another base with --port."
    if problem.errno == errno.EADDRNOTAVAIL:
        return "The lab needs loopback addresses like 127.10.1.1; on this system only 127.0.0.1 is there."
    return f"The lab cannot listen on the ports {ports}: {problem.strerror}."
