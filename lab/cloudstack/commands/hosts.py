"""Hosts: the lists of them, their settings, their end."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, cast

from lab.cloudstack import host_metrics, host_record, removal
from lab.cloudstack.envelope import Listing, Record
from lab.cloudstack.errors import invalid, refused
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command

if TYPE_CHECKING:
    from lab.cloudstack.model import HostRow, VmRow

FILTERS = (
    "id",
    "name",
    "clusterid",
    "podid",
    "zoneid",
    "type",
    "state",
    "resourcestate",
    "hypervisor",
    "hahost",
)
OUT_OF_BAND = ("outofbandmanagementenabled", "outofbandmanagementpowerstate")
LATER = {**dict.fromkeys(OUT_OF_BAND, (4, 9)), "arch": (4, 20, 1), "managementserverid": (4, 21)}


def _answer(call: Call) -> Record:
    return {"host": host_record.record(call.cloud, call.host)}


def _matching(call: Call) -> list[HostRow]:
    """The hosts asked for; with ``virtualmachineid`` those of the VM's cluster."""
    cloud = call.cloud
    rows = matching(call, cloud.hosts.values(), FILTERS, host_record.facts)
    rows = matching(call, rows, tuple(LATER), lambda row: host_record.later_facts(cloud, row), keyword="name")
    if call.text("virtualmachineid") is None:
        return rows
    vm = cast("VmRow", call.named("virtualmachineid"))
    return [row for row in rows if vm.host is not None and row.cluster is vm.host.cluster]


@command(
    "listHosts",
    optional=(*FILTERS, "virtualmachineid", "details", "keyword", "page", "pagesize"),
    newer=LATER,
    subject="host",
)
def list_hosts(call: Call) -> Listing:
    """Lists hosts."""
    details = call.text("details")
    return listing(call, "host", _matching(call), lambda row: host_record.record(call.cloud, row, details))


@command(
    "listHostsMetrics",
    optional=(*FILTERS, "virtualmachineid", "details", "keyword", "page", "pagesize"),
    newer=LATER,
    subject="host",
    since=(4, 9, 3),
)
def list_hosts_metrics(call: Call) -> Listing:
    """Lists hosts metrics"""
    return listing(call, "host", _matching(call), lambda row: host_metrics.record(call.cloud, row))


@command("listHostTags", optional=("keyword", "page", "pagesize"))
def list_host_tags(call: Call) -> Listing:
    """Lists host tags"""
    tags = [
        {"id": f"{row.number}-{tag}", "name": tag, "hostid": row.number}
        for row in call.cloud.hosts.values()
        for tag in row.tags
    ]
    return listing(call, "hosttag", matching(call, tags, ()))


@command(
    "updateHostPassword",
    required=("username", "password"),
    optional=("hostid", "clusterid", "update_passwd_on_host"),
    changing=True,
)
def update_host_password(call: Call) -> Record:
    """Update password of a host/pool on management server."""
    if (call.text("hostid") is None) == (call.text("clusterid") is None):
        raise invalid("You should provide one of cluster id or a host id.")
    if call.text("hostid") is not None:
        raise invalid(
            "Single host update is not supported by XenServer hypervisors. Please try again informing the Cluster ID."
        )
    return {"success": True}


@command(
    "updateHost",
    required=("id",),
    optional=("allocationstate", "hosttags"),
    newer={"annotation": (4, 11), "name": (4, 15)},
    subject="host",
    changing=True,
)
def update_host(call: Call) -> Record:
    """Updates a host."""
    row = call.host
    state = call.text("allocationstate")
    if state is not None and not _is_so_already(call, state):
        _allocation(call, state)
    if "hosttags" in call.params:
        row.tags = [tag for tag in call.params["hosttags"].split(",") if tag]
    if call.text("annotation") is not None:
        row.annotation, row.annotated = call.text("annotation"), call.cloud.now()
    row.name = call.text("name") or row.name
    return _answer(call)


def _is_so_already(call: Call, verb: str) -> bool:
    """Newer versions let it pass that nothing is to be done."""
    return not call.cloud.version.old_resource_states and call.host.resource_state == f"{verb}d"


def _allocation(call: Call, verb: str) -> None:
    """Verbs here (Enable, Disable), where clusters have adjectives."""
    row = call.host
    if verb not in ("Enable", "Disable"):
        wrong = f"Invalid allocation state: {verb}, only Enable/Disable are allowed"
        raise refused(f"Failed to update host: {row.id}. {wrong}")
    if not call.cloud.resource_event(row, verb):
        raise refused(
            f"Failed to update host: {row.id}. Unable to transit from {row.resource_state} by {verb}"
        )


@command(
    "deleteHost",
    required=("id",),
    optional=("forced", "forcedestroylocalstorage"),
    subject="host",
    changing=True,
)
def delete_host(call: Call) -> Generator[Any, None, Record]:
    """Deletes a host."""
    destroys = call.flag("forcedestroylocalstorage")
    yield from removal.delete(call.cloud, call.host, forced=call.flag("forced"), destroys_storage=destroys)
    return {"success": True}
