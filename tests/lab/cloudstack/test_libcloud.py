"""apache-libcloud's CloudStack driver, unchanged: the user's side of the API, signed in its own way without an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from libcloud.common.exceptions import BaseHTTPError
from libcloud.common.types import InvalidCredsError, ProviderError
from libcloud.compute.providers import get_driver
from libcloud.compute.types import NodeState, Provider

from lab.testing import RunningLab, running_lab


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=600, plain=True) as running:
        yield running


def driver(lab: RunningLab, key: str = "user-api-key", secret: str = "user-secret-key") -> Any:
    url = urlsplit(lab.cloudstack_url)
    made: Any = get_driver(Provider.CLOUDSTACK)(
        key, secret, secure=False, host=url.hostname, port=url.port, path=url.path
    )
    made.connection.poll_interval = 0.05
    return made


def test_it_lists_the_zone(lab: RunningLab) -> None:
    assert [location.name for location in driver(lab).list_locations()] == ["AMS-1"]


def test_it_lists_the_instances_of_its_account_without_where_they_run(lab: RunningLab) -> None:
    nodes = driver(lab).list_nodes()
    assert len(nodes) == 60
    assert {node.state for node in nodes} == {NodeState.RUNNING}
    assert all(node.private_ips for node in nodes)
    assert len({node.private_ips[0] for node in nodes}) == 60


def test_it_lists_sizes_and_images(lab: RunningLab) -> None:
    assert {size.ram for size in driver(lab).list_sizes()} == {2048, 4096, 8192}
    assert [image.name for image in driver(lab).list_images()] == ["debian-12"]


def test_it_waits_for_the_jobs_that_stop_and_start_an_instance(lab: RunningLab) -> None:
    api = driver(lab)
    node = api.list_nodes()[0]
    assert api.ex_stop(node) == "Stopped"
    assert api.ex_start(node) == "Running"
    assert api.reboot_node(node)


def test_a_wrong_secret_is_told_as_bad_credentials(lab: RunningLab) -> None:
    with pytest.raises(InvalidCredsError):
        driver(lab, secret="wrong").list_locations()


def test_what_is_for_admins_is_refused(lab: RunningLab) -> None:
    with pytest.raises((InvalidCredsError, ProviderError, BaseHTTPError)):
        driver(lab).ex_list_routers()


def test_a_name_with_a_blank_a_star_and_an_umlaut_keeps_its_signature(lab: RunningLab) -> None:
    answer = driver(lab)._sync_request("listVirtualMachines", params={"name": "xen höst*1"})
    assert answer == {}
