"""The record of a task."""

from __future__ import annotations

from xml.sax.saxutils import escape

from lab.world import NULL, World
from lab.world.things import Task
from lab.xapi.records.kind import Kind
from lab.xapi.values import EPOCH, Record, Stamp

STATUS = {"pending": "pending", "success": "success", "failure": "failure", "stopped": "pending"}


def status(task: Task) -> str:
    """pending, success, failure, or cancelled."""
    if task.cancelled:
        return "cancelled"
    return STATUS[task.process.status] if task.process else "pending"


def result(task: Task) -> str:
    """The value as an XML fragment; empty while pending (taskHelper.ml)."""
    if status(task) != "success" or task.process is None:
        return ""
    value = task.process.result
    if isinstance(value, list):
        items = "".join(f"<value>{escape(str(item))}</value>" for item in value)
        return f"<value><array><data>{items}</data></array></value>"
    return f"<value>{escape('' if value is None else str(value))}</value>"


def record(world: World, task: Task) -> Record:
    now = status(task)
    error = task.process.error if task.process else None
    return {
        "uuid": task.uuid,
        "name_label": task.name,
        "name_description": "",
        "allowed_operations": ["cancel"] if now == "pending" else [],
        "current_operations": {},
        "created": Stamp(task.created),
        "finished": Stamp(task.finished) if task.finished else EPOCH,
        "status": now,
        "resident_on": task.resident_on.ref,
        "progress": task.process.progress if task.process else 0.0,
        "type": "<none/>",
        "result": result(task),
        "error_info": error.description if error and now == "failure" else [],
        "other_config": {},
        "subtask_of": NULL,
        "subtasks": [],
        "backtrace": "()",
    }


TASK = Kind("task", lambda pool: pool.tasks, record)
