"""CloudStack's rows as facts about one cluster."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from typing import Any

from pools.cloudstack_facts import CloudStackFacts, CsHost, CsJob, CsPod, CsVm
from pools.reading.values import flag, number, text

Row = dict[str, Any]
HOST_FIELDS = ("id", "name", "ipaddress", "state", "resourcestate", "clusterid", "outofbandmanagement")
"""All that is taken of a host's row, which has forty."""


def cluster_facts(
    version: str,
    cluster: Row,
    hosts: Iterable[Row],
    vms: Iterable[Row] = (),
    jobs: Iterable[Row] = (),
) -> CloudStackFacts:
    """One cluster with its routing hosts, the VMs placed on them (guests, routers, system VMs), and pending jobs."""
    rows = sorted((_host(row) for row in hosts), key=lambda h: h.name)
    ids = {row.id for row in rows}
    found = {vm.id: replace(vm, addresses=_addresses(row)) for vm, row in placed(vms, ids)}
    return CloudStackFacts(
        version=version,
        cluster=text(cluster, "id"),
        cluster_name=text(cluster, "name"),
        managedstate=text(cluster, "managedstate") or "Managed",
        allocationstate=text(cluster, "allocationstate") or "Enabled",
        zone=text(cluster, "zonename"),
        zone_id=text(cluster, "zoneid"),
        pod_id=text(cluster, "podid"),
        hosts=tuple(rows),
        vms=tuple(sorted(found.values(), key=lambda v: (v.instance, v.id))),
        jobs=pending(jobs),
    )


def placed(rows: Iterable[Row], hosts: Container[str]) -> Iterator[tuple[CsVm, Row]]:
    """What runs on one of these hosts, by their ids, without its addresses; and the row that says so."""
    return ((vm, row) for row in rows if (vm := _vm(row)).host in hosts)


def pending(rows: Iterable[Row]) -> tuple[CsJob, ...]:
    """Jobs that are under way."""
    return tuple(sorted((_job(row) for row in rows), key=lambda j: j.id))


def pods_of(rows: Iterable[Row]) -> tuple[CsPod, ...]:
    """The pods of every zone."""
    pods = (
        CsPod(id=text(r, "id"), name=text(r, "name"), zone_id=text(r, "zoneid"), zone=text(r, "zonename"))
        for r in rows
    )
    return tuple(sorted(pods, key=lambda pod: (pod.zone, pod.name)))


def _host(row: Row) -> CsHost:
    return CsHost(
        id=text(row, "id"),
        name=text(row, "name"),
        address=text(row, "ipaddress"),
        state=text(row, "state"),
        resourcestate=text(row, "resourcestate"),
        cluster=text(row, "clusterid"),
        power=_power(row),
    )


def _power(row: Row) -> str:
    """Only what out-of-band management says that is turned on and was reached: `Unknown` and `Disabled` say nothing."""
    management: Row = row.get("outofbandmanagement") or {}
    power = text(management, "powerstate")
    return power if flag(management.get("enabled")) and power in ("On", "Off") else ""


def _vm(row: Row) -> CsVm:
    """Only an admin is told `instancename`; of routers and system VMs the name is the instance's."""
    return CsVm(
        id=text(row, "id"),
        instance=text(row, "instancename") or text(row, "name"),
        state=text(row, "state"),
        host=text(row, "hostid"),
    )


def _addresses(row: Row) -> tuple[str, ...]:
    """Of an instance's NICs. A system VM has none in its row, but says its addresses one by one."""
    nics: list[Row] = row.get("nic") or []
    found = [
        text(nic, name)
        for nic in (row, *nics)
        for name in ("ipaddress", "ip6address", "publicip", "privateip")
    ]
    return tuple(sorted({each for each in found if each}))


def _job(row: Row) -> CsJob:
    return CsJob(
        id=text(row, "jobid"),
        command=text(row, "cmd"),
        status=number(row.get("jobstatus")) or 0,
        instance=text(row, "jobinstanceid"),
    )
