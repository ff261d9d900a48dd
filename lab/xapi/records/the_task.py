"""The record of a task."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lab.world.things import Task
from lab.xapi.datamodel import ORDER
from lab.xapi.records.kind import Kind, View
from lab.xapi.values import EPOCH, Record, Stamp

VOID_SPELLED_SINCE = ORDER["dundee"]  # "" on 6.5 and before
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


def live(view: View, task: Task) -> Record:
    now = status(task)
    error = task.process.error if task.process else None
    return {
        "uuid": task.uuid,
        "name_label": task.name,
        "allowed_operations": ["cancel"] if now == "pending" else [],
        "created": Stamp(task.created),
        "finished": Stamp(task.finished) if task.finished else EPOCH,
        "status": now,
        "resident_on": task.resident_on.ref,
        "progress": task.process.progress if task.process else 0.0,
        "type": "<none/>",
        "result": result(task, void="" if view.release < VOID_SPELLED_SINCE else "<value></value>"),
        "error_info": error.description if error and now == "failure" else [],
    }


TASK = Kind("task", lambda pool: pool.tasks, live)
