"""Asks a CloudStack for all its clusters at once: the number of calls grows with pages, not with clusters or hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pools.ask_cloudstack import clusters_of, rows_of, version_of
from pools.clients.cloudstack import CloudStack
from pools.clients.errors import NotPermitted, Refused
from pools.cloudstack_facts import CloudStackFacts, CsEvent, CsJob, CsVm
from pools.reading.cloudstack import HOST_FIELDS, cluster_facts, pending, placed
from pools.reading.happened import CsAlert, Names, alert, event, moment
from pools.timing import SETTINGS

Row = dict[str, Any]
MOST_JOBS = 500
"""A CloudStack with more jobs under way than its workers is in trouble of its own."""
NEW_PAGES = 4
"""Of alerts and events, 2,000 of each at most in one sweep."""
BEFORE = timedelta(minutes=5)
"""An event is older than the change that it made: emptying a host begins long before it is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """A CloudStack's XenServer clusters with their hosts, without guests; and what is under way."""

    version: str
    clusters: tuple[CloudStackFacts, ...]
    jobs: tuple[CsJob, ...]


def ask_estate(cloudstack: CloudStack, gaps: list[str]) -> Estate:
    """Clusters, hosts, pending jobs. Raises the clients' errors: without these there is no sweep."""
    version = version_of(cloudstack)
    clusters = clusters_of(cloudstack)
    hosts: dict[str, list[Row]] = {str(row["id"]): [] for row in clusters}
    for row in cloudstack.whole("listHosts", "host", HOST_FIELDS, type="Routing"):
        if (at := str(row.get("clusterid") or "")) in hosts:
            hosts[at].append(row)
    jobs = rows_of(cloudstack, gaps, "listAsyncJobs", "asyncjobs", listall="true")
    found = tuple(cluster_facts(version, row, hosts[str(row["id"])]) for row in clusters)
    return Estate(version=version, clusters=found, jobs=pending(jobs[:MOST_JOBS]))


def ask_guests(cloudstack: CloudStack, clusters: dict[str, str], gaps: list[str]) -> dict[str, list[CsVm]]:
    """Everything that runs, by cluster. `clusters` is host id → cluster id; what runs elsewhere is left out."""
    found: dict[str, dict[str, CsVm]] = {}
    for rows in _running(cloudstack, gaps):
        for vm, _row in placed(rows, clusters):
            found.setdefault(clusters[vm.host], {})[vm.id] = vm
    return {id: sorted(vms.values(), key=lambda v: (v.instance, v.id)) for id, vms in found.items()}


def _running(cloudstack: CloudStack, gaps: list[str]) -> Iterator[list[Row]]:
    """Page by page, so that 100,000 guests never stand in memory as records. Projects' are a list of their own."""
    every, projects = {"listall": "true"}, {"listall": "true", "projectid": "-1"}
    least = {"details": "min"}
    for command, element, params in (
        ("listVirtualMachines", "virtualmachine", every | least),
        ("listVirtualMachines", "virtualmachine", projects | least),
        ("listRouters", "router", every),
        ("listRouters", "router", projects),
        ("listSystemVms", "systemvm", {}),
    ):
        try:
            for page in cloudstack.pages(command, element, **params):
                yield page.rows
        except (Refused, NotPermitted) as no:
            gaps.append(f"{command}: {no.code}")


def ask_alerts(cloudstack: CloudStack, since: datetime | None, gaps: list[str]) -> list[CsAlert]:
    """Alerts of that second and later, newest first; without a time, the newest page: there it begins."""
    found: list[CsAlert] = []
    for rows in _newest(cloudstack, gaps, "listAlerts", "alert", 1 if since is None else NEW_PAGES):
        page = [told for row in rows if (told := alert(row))]
        found += [told for told in page if since is None or told.sent >= since]
        if since is None or any(told.sent < since for told in page):
            break
    return found


def ask_events(cloudstack: CloudStack, since: datetime, names: Names, gaps: list[str]) -> list[CsEvent]:
    """What somebody did to a host or a cluster since then, newest first."""
    start, found = since - BEFORE, list[CsEvent]()
    for rows in _newest(cloudstack, gaps, "listEvents", "event", NEW_PAGES, listall="true"):
        told = [what for row in rows if (what := event(row, names.subject_of))]
        found += [what for what in told if what.at >= start]
        if any((at := moment(row.get("created"))) and at < start for row in rows):
            break
    return found


def ask_settings(cloudstack: CloudStack, gaps: list[str]) -> dict[str, str]:
    """Those that sentences speak of, one by one: the list has a thousand, some of them secret."""
    found: dict[str, str] = {}
    for name in SETTINGS:
        try:
            rows = cloudstack.read("listConfigurations", name=name).get("configuration") or ()
        except (Refused, NotPermitted) as no:
            gaps.append(f"listConfigurations: {no.code}")
            return {}
        values = [str(row.get("value") or "") for row in rows if row.get("name") == name]
        if values:
            found[name] = values[0]
    return found


def _newest(
    cloudstack: CloudStack, gaps: list[str], command: str, element: str, most: int, **params: str
) -> Iterator[list[Row]]:
    try:
        for number, page in enumerate(cloudstack.pages(command, element, **params), 1):
            yield page.rows
            if number == most:
                if number > 1:
                    gaps.append(f"{command}: more than {most} pages are new")
                return
    except (Refused, NotPermitted) as no:
        gaps.append(f"{command}: {no.code}")
