"""The record of a task."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lab.world.things import Task
from lab.xapi.datamodel import ORDER
from lab.xapi.records.kind import Kind, View
from lab.xapi.values import EPOCH, Record, Stamp

VOID_SPELLED_SINCE = ORDER["dundee"]  # "" on 6.5 and before
CANCELLABLE = ("VM.pool_migrate", "VM.start", "VM.clean_shutdown", "host.evacuate")
STATUS = {"pending": "pending", "success": "success", "failure": "failure", "stopped": "pending"}


def status(task: Task) -> str:
    """pending, success, failure, or cancelled."""
    if task.cancelled:
        return "cancelled"
    return STATUS[task.process.status] if task.process else "pending"


def result(task: Task, *, void: str = "<value></value>") -> str:
    """The value as an XML fragment; empty while pending. For nothing it is ``void`` (taskHelper.ml)."""
    if status(task) != "success" or task.process is None:
        return ""
    value = task.process.result
    if value is None:
        return void
    if isinstance(value, list):
        items = "".join(f"<value>{escape(str(item))}</value>" for item in value)
        return f"<value><array><data>{items}</data></array></value>"
    return f"<value>{escape(str(value))}</value>"


def may_be_cancelled(task: Task) -> bool:
    """It is under way and of a kind that can be stopped."""
    return status(task) == "pending" and task.name.endswith(CANCELLABLE)


def error_info(task: Task) -> list[str]:
    """Code and parameters of a failure; a cancelled task has an error too."""
    if task.cancelled:
        return ["TASK_CANCELLED", task.ref]
    error = task.process.error if task.process else None
    return error.description if error and status(task) == "failure" else []


def live(view: View, task: Task) -> Record:
    return {
        "uuid": task.uuid,
        "name_label": task.name,
        "allowed_operations": ["cancel"] if may_be_cancelled(task) else [],
        "created": Stamp(task.created),
        "finished": Stamp(task.finished) if task.finished else EPOCH,
        "status": status(task),
        "resident_on": task.resident_on.ref,
        "progress": task.process.progress if task.process else 0.0,
        "type": "<none/>",
        "result": result(task, void="" if view.release < VOID_SPELLED_SINCE else "<value></value>"),
        "error_info": error_info(task),
    }


TASK = Kind("task", lambda pool: pool.tasks, live)
