"""How far a remote task or job is that we started."""

from __future__ import annotations

from dataclasses import dataclass

from pools.clients.cloudstack import CloudStack
from pools.clients.xapi import Xapi

XAPI_TASK, CLOUDSTACK_JOB = "xapi-task", "cloudstack-job"


@dataclass(frozen=True, slots=True)
class HandleStatus:
    """`state`: pending, success, failure or gone. `share` is 0..1 where the captain tells it. `error` is the
    captain's code and its parameters, word by word."""

    state: str
    share: float | None = None
    error: tuple[str, ...] = ()


def task_status(xapi: Xapi, ref: str) -> HandleStatus:
    """How an XAPI task stands."""
    task = xapi.task(ref)
    return HandleStatus(task.state, task.progress if task.state == "pending" else None, task.error)


def job_status(cloudstack: CloudStack, id: str) -> HandleStatus:
    """How a CloudStack job stands; CloudStack tells no progress."""
    job = cloudstack.job(id)
    return HandleStatus(job.state, None, job.error)
