"""Tasks and messages."""

from __future__ import annotations

from lab.world.refusal import Refusal
from lab.world.things import Message, Task
from lab.xapi.records import View
from lab.xapi.records.small import MESSAGE
from lab.xapi.records.the_task import may_be_cancelled, status
from lab.xapi.registry import Context, message
from lab.xapi.values import Record


@message("task.cancel", "task", can_be_async=False)
def cancel(ctx: Context, task: Task) -> None:
    """Stops what can be stopped; a finished task is left alone."""
    if status(task) != "pending" or task.process is None:
        return
    if not may_be_cancelled(task):
        raise Refusal("OPERATION_NOT_ALLOWED", "task cannot be cancelled")
    task.cancelled = True
    task.finished = ctx.world.now()
    task.process.stop()


@message("task.destroy", "task", can_be_async=False)
def destroy(ctx: Context, task: Task) -> None:
    ctx.pool.tasks.remove(task)


@message("message.destroy", "message", can_be_async=False)
def destroy_message(ctx: Context, msg: Message) -> None:
    ctx.pool.messages.remove(msg)


@message("message.get_since", "stamp", can_be_async=False)
def get_since(ctx: Context, since: float) -> dict[str, Record]:
    view = View(ctx.world, ctx.pool)
    return {msg.ref: MESSAGE.record(view, msg) for msg in ctx.pool.messages if msg.timestamp >= since}
