"""Events and jobs."""

from __future__ import annotations

from lab.cloudstack import jobs
from lab.cloudstack.envelope import Listing, Record, date, without_nulls
from lab.cloudstack.model import Event
from lab.cloudstack.paging import listing, matching, moment
from lab.cloudstack.registry import Call, command, no_such_entity

EVENT_FILTERS = ("id", "type", "level")
LATER = {"resourceid": (4, 17), "resourcetype": (4, 17), "state": (4, 21)}
DATES = ("startdate", "enddate", "startid")


@command(
    "listEvents",
    optional=(*EVENT_FILTERS, *DATES, "listall", "keyword", "page", "pagesize"),
    newer=LATER,
    for_users=True,
)
def list_events(call: Call) -> Listing:
    """A command to list events."""
    events = reversed(call.cloud.events) if call.user.is_admin else []
    records = [_event(call, event) for event in events if _is_meant(call, event)]
    found = matching(call, records, (*EVENT_FILTERS, *LATER), keyword="description")
    return listing(call, "event", found)


def _is_meant(call: Call, event: Event) -> bool:
    """By date, and by ``startid``: an event and those it is the parent of."""
    if call.text("startdate") and event.created < moment(call, "startdate"):
        return False
    if call.text("enddate") and event.created > moment(call, "enddate"):
        return False
    return call.text("startid") in (None, event.id, event.parent)


def _event(call: Call, event: Event) -> Record:
    record: Record = {
        "id": event.id,
        "username": event.user,
        "type": event.type,
        "level": event.level,
        "description": event.description,
        "account": event.user,
        "domain": "ROOT",
        "created": date(event.created),
        "state": event.state,
        "parentid": event.parent,
    }
    if event.host is not None and call.cloud.version.since(4, 17):
        record |= {"resourceid": event.host.id, "resourcetype": "Host", "resourcename": event.host.name}
    return without_nulls(record)


@command("queryAsyncJobResult", required=("jobid",), for_users=True)
def query_async_job_result(call: Call) -> Record:
    """Retrieves the current status of asynchronous job."""
    job = call.cloud.jobs.get(call.params["jobid"])
    if job is None:
        raise no_such_entity(call.command.name, "jobid", call.params["jobid"])
    return jobs.record(call.cloud, job)


@command("listAsyncJobs", optional=("listall",), for_users=True)
def list_async_jobs(call: Call) -> Listing:
    """Lists all pending asynchronous jobs for the account."""
    pending = [job for job in call.cloud.jobs.values() if job.status == 0]
    mine = [job for job in pending if call.user.is_admin or job.user == call.user.name]
    return listing(call, "asyncjobs", [without_nulls(jobs.record(call.cloud, job)) for job in mine])
