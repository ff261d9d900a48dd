"""addHost."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from lab.cloudstack import discovery, host_record
from lab.cloudstack.envelope import Listing
from lab.cloudstack.errors import invalid
from lab.cloudstack.model import Cluster
from lab.cloudstack.registry import Call, command, no_such_entity

OPTIONAL = ("clusterid", "clustername", "username", "password", "hosttags", "allocationstate")


@command("addHost", required=("zoneid", "podid", "url", "hypervisor"), optional=OPTIONAL, changing=True)
def add_host(call: Call) -> Generator[Any, None, Listing]:
    """Adds a new host."""
    cluster = _cluster(call)
    added = yield from discovery.discover(call.cloud, cluster, call.params)
    tags = [tag for tag in call.params.get("hosttags", "").split(",") if tag]
    for row in added:
        row.tags = list(tags)
        if call.text("allocationstate") in ("Disable", "Disabled"):
            row.resource_state = "Disabled"
    records = [host_record.record(call.cloud, row) for row in added]
    return Listing("host", records, len(records))


def _cluster(call: Call) -> Cluster:
    if call.params["zoneid"] != call.cloud.zone.id:
        raise no_such_entity(call.command.name, "zoneid", call.params["zoneid"])
    if call.params["podid"] != call.cloud.pod.id:
        raise no_such_entity(call.command.name, "podid", call.params["podid"])
    number, name = call.text("clusterid"), call.text("clustername")
    if number is None and name is None:
        raise invalid("Must specify cluster name or cluster Id when adding a host")
    for cluster in call.cloud.clusters.values():
        if number == cluster.id or (number is None and name == cluster.name):
            return cluster
    if number is not None:
        raise no_such_entity(call.command.name, "clusterid", number)
    raise invalid(f"Can't find cluster {name}")
