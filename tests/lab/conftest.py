"""A lab over real sockets whose clock stands still until a test steps it, and XenServer's own client to talk to it."""

from __future__ import annotations

import ssl
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import XenAPI

from lab.testing import RunningLab, running_lab
from lab.world import Host, Pool

ORIGINATOR = "tests"
PATIENCE = 3600.0  # lab seconds that any call may take
SOCKET_SECONDS = 15.0


class PatientTransport(xmlrpc.client.SafeTransport):
    """XenAPI's client has no timeout of its own; a test must end."""

    def make_connection(self, host: Any) -> Any:
        connection = super().make_connection(host)
        connection.timeout = SOCKET_SECONDS
        return connection


def trusting() -> ssl.SSLContext:
    """TLS without a look at the certificate: what it shows is not what most tests are about."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def proxy(url: str) -> Any:
    """XenServer's own client, not logged in."""
    transport = PatientTransport(context=trusting())
    return XenAPI.Session(url, transport=transport)


class Site:
    """A lab and hands to work it with."""

    def __init__(self, lab: RunningLab) -> None:
        self.lab = lab

    def session(self, host: str = "amber-1") -> Any:
        """A session of root at that host."""
        session = proxy(self.lab.url(host))
        session.xenapi.login_with_password(self.lab.user, self.lab.password, "1.0", ORIGINATOR)
        return session

    def local_session(self, host: str) -> Any:
        """A session that is good on that host only."""
        session = proxy(self.lab.url(host))
        session.slave_local_login_with_password(self.lab.user, self.lab.password)
        return session

    def run(self, session: Any, call: str, *args: Any) -> Any:
        """Carry out a long call, stepping time until it has ended; XenAPI.Failure if it failed."""
        cls, _, message = call.partition(".")
        ref = getattr(getattr(session.xenapi.Async, cls), message)(*args)
        for _ in range(int(PATIENCE)):
            task = session.xenapi.task.get_record(ref)
            if task["status"] != "pending":
                break
            self.lab.step(1)
        if task["status"] == "failure":
            raise XenAPI.Failure(task["error_info"])
        assert task["status"] == "success", task
        return task["result"]

    def pool(self, name: str) -> Pool:
        return self.lab.world.pool(name)

    def host(self, name: str) -> Host:
        return self.lab.world.host(name)

    def sr(self, pool: str, name: str) -> str:
        """The reference of a pool's SR."""
        return next(sr.ref for sr in self.pool(pool).srs if sr.name == name)

    def pbd(self, host: str, sr: str) -> str:
        """The reference of a host's plug of an SR."""
        return next(pbd.ref for pbd in self.host(host).pbds if pbd.sr.name == sr)

    def empty(self, name: str) -> None:
        """Halt the guests of a host, by a miracle."""

        def halt(world: Any) -> None:
            for vm in world.host(name).resident:
                vm.power_state, vm.resident_on = "Halted", None

        self.lab.do(halt)


def code(failure: pytest.ExceptionInfo[XenAPI.Failure]) -> str:
    """The error code of a refused call."""
    return str(failure.value.details[0])


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys made once for all labs of a test process."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture
def site(certificates: Path) -> Iterator[Site]:
    """The estate, its clock standing still."""
    with running_lab("estate", speed=None, data=certificates) as lab:
        yield Site(lab)


@pytest.fixture
def fast(certificates: Path) -> Iterator[Site]:
    """The estate, 500 lab seconds to a real one, for calls that answer only after a while."""
    with running_lab("estate", speed=500, data=certificates) as lab:
        yield Site(lab)
