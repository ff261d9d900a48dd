"""A port in use is one sentence that names it."""

from __future__ import annotations

import socket

import pytest

from deploy.ports import FIRST_LAB_HOST, Ports
from deploy.refusal import Refusal
from tests.support.demo import free_port


def test_four_ports_follow_from_one() -> None:
    ports = Ports(8000)
    assert (ports.xapi, ports.cloudstack, ports.control) == (8001, 8002, 8003)


@pytest.mark.parametrize(
    ("offset", "purpose"), [(0, "the console"), (2, "the lab's CloudStack"), (3, "the lab's control port")]
)
def test_each_port_in_use_is_named(offset: int, purpose: str) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port + offset)):
        with pytest.raises(Refusal, match=f"port {port + offset} on 127.0.0.1, for {purpose}, is in use"):
            Ports(port).check()


def test_the_labs_hosts_are_looked_at_on_their_own_address() -> None:
    port = free_port()
    with socket.create_server((FIRST_LAB_HOST, port + 1)):
        with pytest.raises(
            Refusal, match=f"port {port + 1} on {FIRST_LAB_HOST}, for the lab's hosts, is in use"
        ):
            Ports(port).check()
