"""A full look over a line that is open anyway: what the master has now, as a mirror.

It asks neither members nor CloudStack, as other looks do: while a master answers, the prober and the sweep are enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from pools.ask_xenserver import whole as questions
from pools.clients.line import Line
from pools.clients.questions import Question, asked_in_loop
from pools.mirror import Doubt, Mirror, mirror_of

WHOLE_S = 60.0
"""For all of it: some twelve questions, and two for each host."""
ANSWER_S, SILENT_S = 30.0, 7.0
"""For each answer; a master that says nothing at all for SILENT_S is silent here as anywhere else."""


def _nothing() -> None: ...


async def whole(line: Line, token: str, uuid: str | None, heard: Callable[[], None] = _nothing) -> Mirror:
    """The mirror to which the events after `token` belong; `heard` is called at each answer. Raises ClientError, Doubt
    where it is not the pool of that uuid, and TimeoutError after WHOLE_S."""

    async def put(question: Question) -> Any:
        seconds = ANSWER_S if question.brief_s is None else question.brief_s
        value = await line.call(question.call, *question.args, seconds=seconds, silent_s=SILENT_S)
        heard()
        return value

    async with asyncio.timeout(WHOLE_S):
        answers, gaps = await asked_in_loop(questions(timezone.now(), line.place), put)
    line.slim()
    if uuid not in (None, answers.pool.get("uuid")):
        raise Doubt("another pool answers at this address")
    return mirror_of(answers, gaps, token)
