"""Lets a fault act on one answer. The only place that knows what each kind of fault does on the wire."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

from lab.calls import Call
from lab.faults import Fault
from lab.server.http import Response

Answer = Callable[[], Awaitable[Response]]
ErrorAnswer = Callable[[list[str]], Response]


async def deliver(fault: Fault | None, call: Call, answer: Answer, error_answer: ErrorAnswer) -> Response:
    """The response to a call under a fault (or none).

    ``answer()`` makes the call take effect; ``error_answer([code, params…])`` shapes an error as the protocol has it.
    What the fault did is written into the call's ``outcome``.
    """
    if fault is None:
        return await answer()
    if fault.kind != "drip":
        await asyncio.sleep(fault.seconds)
    if fault.kind in ("hang", "reset-before", "garbage", "http500", "error"):
        call.outcome = f"fault: {fault.kind}"
        return _instead(fault, error_answer)
    if fault.kind == "slow":
        return await answer()
    response = await answer()
    call.outcome += f", fault: {fault.kind}"
    delivery = "reset" if fault.kind == "reset-after" else fault.kind
    return dataclasses.replace(response, delivery=delivery, delay=fault.seconds)


def _instead(fault: Fault, error_answer: ErrorAnswer) -> Response:
    """The answer of a fault that keeps the call from having any effect."""
    if fault.kind == "error":
        return error_answer(fault.error)
    if fault.kind == "garbage":
        return Response(body=b"\x00\xff<?xml nonsense \x07", content_type="application/octet-stream")
    if fault.kind == "http500":
        return Response(500, (fault.what or "Internal Server Error").encode(), "text/html")
    return Response(delivery="reset" if fault.kind == "reset-before" else "hang")
