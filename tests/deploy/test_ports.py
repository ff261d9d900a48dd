"""A port in use is one sentence that names it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from deploy.ports import FIRST_LAB_HOST, Ports
from deploy.refusal import Refusal


@pytest.fixture
def taken() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def test_four_ports_follow_from_one() -> None:
    ports = Ports(8000)
    assert (ports.xapi, ports.cloudstack, ports.control) == (8001, 8002, 8003)


@pytest.mark.parametrize(
    ("offset", "purpose"), [(0, "the console"), (2, "the lab's CloudStack"), (3, "the lab's control port")]
)
def test_each_port_in_use_is_named(taken: tuple[str, int], offset: int, purpose: str) -> None:
    with pytest.raises(Refusal, match=f"port {taken[1]} on 127.0.0.1, for {purpose}, is in use"):
        Ports(taken[1] - offset).check()


def test_the_labs_hosts_are_looked_at_on_their_own_address() -> None:
    with socket.create_server((FIRST_LAB_HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Refusal, match=f"port {port} on {FIRST_LAB_HOST}, for the lab's hosts, is in use"):
            Ports(port - 1).check()
