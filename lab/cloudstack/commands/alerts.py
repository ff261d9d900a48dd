"""Alerts: listed newest first, archived or deleted by id, type or date."""

from __future__ import annotations

from collections.abc import Callable

from lab.cloudstack.envelope import Listing, Record, date
from lab.cloudstack.errors import invalid
from lab.cloudstack.model import Alert
from lab.cloudstack.paging import listing, matching, moment
from lab.cloudstack.registry import Call, command, no_such_entity

CHOICE = ("ids", "type", "startdate", "enddate")


@command("listAlerts", optional=("id", "type", "name", "keyword", "page", "pagesize"))
def list_alerts(call: Call) -> Listing:
    """Lists all alerts."""
    records = [
        {"id": a.id, "type": a.type, "name": a.name, "description": a.subject, "sent": date(a.sent)}
        for a in reversed(call.cloud.alerts)
        if a.id not in call.cloud.archived_alerts
    ]
    return listing(call, "alert", matching(call, records, ("id", "type", "name"), keyword="description"))


@command("archiveAlerts", optional=CHOICE, changing=True)
def archive_alerts(call: Call) -> Record:
    """Archive one or more alerts."""
    call.cloud.archived_alerts |= {alert.id for alert in _chosen(call)}
    return {"success": True}


@command("deleteAlerts", optional=CHOICE, changing=True)
def delete_alerts(call: Call) -> Record:
    """Delete one or more alerts."""
    gone = {alert.id for alert in _chosen(call)}
    call.cloud.alerts[:] = [alert for alert in call.cloud.alerts if alert.id not in gone]
    return {"success": True}


def _chosen(call: Call) -> list[Alert]:
    """The alerts meant; ApiError when nothing says which, or an id is none."""
    if not any(call.text(name) for name in ("ids", "type", "enddate")):
        raise invalid("either ids, type, startdate or enddate must be specified")
    if call.text("startdate") and not call.text("enddate"):
        raise invalid("enddate must be specified with startdate parameter")
    ids = set(filter(None, call.params.get("ids", "").split(",")))
    if unknown := ids - {alert.id for alert in call.cloud.alerts}:
        raise no_such_entity(call.command.name, "ids", min(unknown))
    tests: list[Callable[[Alert], bool]] = []
    if ids:
        tests.append(lambda alert: alert.id in ids)
    if call.text("type"):
        tests.append(lambda alert: str(alert.type) == call.text("type"))
    if call.text("startdate"):
        tests.append(lambda alert: alert.sent >= moment(call, "startdate"))
    if call.text("enddate"):
        tests.append(lambda alert: alert.sent <= moment(call, "enddate"))
    return [alert for alert in call.cloud.alerts if all(test(alert) for test in tests)]
