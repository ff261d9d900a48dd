"""Asynchronous jobs: begun by a command, asked about with queryAsyncJobResult."""

from __future__ import annotations

import fnmatch
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from lab.cloudstack.envelope import Listing, Record, date, without_nulls
from lab.cloudstack.errors import UNAVAILABLE, ApiError, from_words, refused
from lab.cloudstack.model import Job
from lab.world import Refusal

if TYPE_CHECKING:
    from lab.cloudstack.registry import Call
    from lab.cloudstack.state import CloudStack
    from lab.world import Steps

QUEUE_SECONDS = 1.0
"""From the answer with the job's id until a worker has taken it."""
INSTANCES = {
    "zone": "Zone",
    "cluster": "Cluster",
    "host": "Host",
    "vm": "VirtualMachine",
    "storagepool": "StoragePool",
}
ENDLESS = 10 * 365 * 86_400.0


def begin(call: Call) -> Record:
    """Queue the command; the answer with its job's id."""
    cloud = call.cloud
    if cloud.shutting_down:
        raise ApiError(
            UNAVAILABLE,
            "Maintenance or Shutdown has been initiated on this management server. Can not accept new jobs",
        )
    job = Job(
        cloud.world.new_uuid(),
        call.command.class_in(cloud.version),
        call.user.name,
        cloud.now(),
        *_instance(call),
    )
    _sweep(cloud)
    cloud.jobs[job.id] = job
    job.event = _log(call, "Scheduled", "Scheduled async job for ")
    job.process = cloud.world.run(_work(call, job))
    return {"jobid": job.id}


def _instance(call: Call) -> tuple[str, str] | tuple[()]:
    """What the job is about: the thing that the first required id names, and its kind."""
    for name, kind in call.command.references():
        if name in call.command.required:
            return INSTANCES[kind], call.params[name]
    return ()


def _sweep(cloud: CloudStack) -> None:
    """Forget the jobs that ended ``job.expire.minutes`` ago."""
    oldest = cloud.now() - 60 * cloud.settings.number("job.expire.minutes")
    for job in [job for job in cloud.jobs.values() if job.completed is not None and job.completed < oldest]:
        del cloud.jobs[job.id]


def _log(
    call: Call, state: str, before: str = "", *, parent: str | None = None, level: str = "INFO"
) -> str | None:
    """Write the job's event; its id, None where the command has no event."""
    if not call.command.event:
        return None
    subject = next(iter(_instance(call)[1:]), "")
    text = f"{before}{call.command.doing} {subject}".strip()
    return call.cloud.log_event(
        call.command.event,
        text,
        user=call.user.name,
        state=state,
        level=level,
        host=call.cloud.hosts.get(subject),
        parent=parent,
    )


def _work(call: Call, job: Job) -> Steps:
    fault = call.cloud.world.faults.take_task("cloudstack", call.command.name)
    endless = _never_ends(call) or (fault and fault.kind == "endless")
    yield ENDLESS if endless else QUEUE_SECONDS
    _log(call, "Started", parent=job.event)
    try:
        if fault:
            raise from_words(fault.error)
        answer = call.command.handler(call)
        result = (yield from answer) if isinstance(answer, Generator) else answer
    except (ApiError, Refusal) as problem:
        job.error = problem if isinstance(problem, ApiError) else refused(" ".join(problem.description))
        job.status = 2
        _log(call, "Completed", "Error while ", parent=job.event, level="ERROR")
    else:
        job.result, job.status = _result(result), 1
        _log(call, "Completed", "Successfully completed ", parent=job.event)
    job.completed = call.cloud.now()


def _never_ends(call: Call) -> bool:
    return any(fnmatch.fnmatchcase(call.command.name, pattern) for pattern in call.cloud.endless_commands)


def _result(answer: Listing | Record) -> Record:
    return answer.body() if isinstance(answer, Listing) else answer


def record(cloud: CloudStack, job: Job) -> Record:
    """The job as queryAsyncJobResult and listAsyncJobs show it."""
    user = next(user for user in cloud.users if user.name == job.user)
    fields: dict[str, Any] = {
        "accountid": user.account_id,
        "userid": user.id,
        "cmd": job.command,
        "jobstatus": job.status,
        "jobprocstatus": 0,
        "jobresultcode": job.error.code if job.error is not None else 0,
        "jobresulttype": "object" if job.status else None,
        "jobresult": _outcome(job),
        "jobinstancetype": job.instance_type,
        "jobinstanceid": job.instance_id,
        "managementserverid": cloud.server_id if cloud.version.since(4, 19) else None,
        "created": date(job.created),
        "completed": date(job.completed)
        if job.completed is not None and cloud.version.since(4, 15)
        else None,
        "jobid": job.id,
    }
    return without_nulls(fields)


def _outcome(job: Job) -> Record | None:
    """A failure's result has these two keys and no other (ResponseObjectTypeAdapter)."""
    if job.error is not None:
        return {"errorcode": job.error.code, "errortext": job.error.text}
    return job.result
