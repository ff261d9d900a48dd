"""The lab at full size, and how fast it answers: ``python -m bench.lab``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figures import Figure, report
from lab.remote import ask
from lab.testing import free_port

FULL = ("--scenario", "big", "--pools", "1000", "--hosts", "16", "--vms", "100000")
SETTLE_SECONDS = 5.0
IDLE_SECONDS = 30.0
CALLS = 4000  # of each of the connections
CONNECTIONS = 4
TICKS = os.sysconf("SC_CLK_TCK")


class Lab:
    """``python -m lab`` in a process of its own; how long it took to listen, and what it uses."""

    def __init__(self, *args: str, tls: bool = False) -> None:
        self.port = free_port()
        self._began = time.monotonic()
        how = () if tls else ("--plain",)
        command = [sys.executable, "-m", "lab", *how, "--port", str(self.port), *args]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            terminal = self._process.stdout
            if terminal is None or not terminal.readline():
                raise SystemExit("bench.lab: the lab did not start")
        except BaseException:  # an interruption too
            self._process.kill()
            self._process.wait()
            raise
        self.start_seconds = time.monotonic() - self._began

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)

    def info(self) -> dict[str, Any]:
        """Addresses, fingerprints and passwords, as `python -m lab info` prints them."""
        told: dict[str, Any] = ask(self.port + 2, "/info")
        return told

    def changes(self) -> list[dict[str, Any]]:
        """The calls so far that change something; `time` is on the lab's clock, which at speed 1 is the machine's."""
        calls: list[dict[str, Any]] = ask(self.port + 2, "/calls?changing=1")
        return calls

    def pools(self) -> list[dict[str, Any]]:
        """What is true of each pool."""
        pools: list[dict[str, Any]] = ask(self.port + 2, "/state")["pools"]
        return pools

    def cpu_seconds(self) -> float:
        """Processor time it has used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_gigabytes(self) -> float:
        """The most memory it has had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024 / 1e9

    def cpu_percent(self, seconds: float) -> float:
        """Of one core, over that many seconds."""
        before = self.cpu_seconds()
        time.sleep(seconds)  # it is left alone for so long: that is the measurement
        return (self.cpu_seconds() - before) / seconds * 100


def figures() -> Iterator[Figure]:
    """Start, memory and idling of the full size; small calls a second of processor time."""
    with Lab(*FULL) as full:
        yield Figure("lab.start", full.start_seconds, "s", "<=30")
        time.sleep(SETTLE_SECONDS)  # what the start left behind is not idling
        yield Figure("lab.idle", full.cpu_percent(IDLE_SECONDS), "%core", "<=5")
        yield Figure("lab.memory", full.peak_gigabytes(), "GB", "<=4")
    with Lab("--scenario", "healthy") as small:
        yield Figure("lab.calls", calls_a_second(small), "calls/s", ">=2000")


def calls_a_second(lab: Lab) -> float:
    """``host.get_enabled`` on kept connections: calls per second of the lab's processor time."""
    request = _request(lab.port)
    before = lab.cpu_seconds()
    clients = [threading.Thread(target=_ask, args=(lab.port, request)) for _ in range(CONNECTIONS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return CALLS * CONNECTIONS / (lab.cpu_seconds() - before)


def _request(port: int) -> bytes:
    server: Any = xmlrpc.client.ServerProxy(f"http://127.10.1.1:{port}/")
    session = server.session.login_with_password("root", "baton-lab")["Value"]
    host = server.host.get_all(session)["Value"][0]
    body = xmlrpc.client.dumps((session, host), "host.get_enabled").encode()
    head = f"POST / HTTP/1.1\r\nHost: lab\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _ask(port: int, request: bytes) -> None:
    with socket.create_connection(("127.10.1.1", port)) as connection:
        for _ in range(CALLS):
            connection.sendall(request)
            if b"Success" not in connection.recv(65536):
                raise SystemExit("bench.lab: a call failed")


if __name__ == "__main__":
    report(figures())
