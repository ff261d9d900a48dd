"""The parts that live in the loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pools.listening import room as rooms
from pools.listening.room import Room, live
from tests.support.loops import awaited


def test_a_part_that_breaks_starts_anew_and_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "AGAIN_S", 0.0)
    turns: list[str] = []

    async def broken(_room: Room) -> None:
        turns.append("broken")
        raise ValueError("broken")

    async def well(room: Room) -> None:
        turns.append(await room.work(str.upper, "well"))
        await asyncio.Event().wait()

    async def watched() -> None:
        everything = asyncio.create_task(live({"broken": broken, "well": well}))
        while turns.count("broken") < 3 or "WELL" not in turns:
            await asyncio.sleep(0.001)
        everything.cancel()
        with pytest.raises(asyncio.CancelledError):
            await everything

    awaited(asyncio.wait_for(watched(), 5))
    assert turns.count("WELL") == 1


def test_what_is_short_waits_for_nothing_that_is_long() -> None:
    """Leases are renewed while judgements, full looks and looks at silent masters take all the threads they may."""
    release = threading.Event()

    async def watched() -> str:
        room = Room()
        long = (room.work, rooms.THREADS), (room.judge, rooms.JUDGES), (room.look, rooms.LOOKERS)
        busy = [
            asyncio.ensure_future(take(release.wait, 60)) for take, threads in long for _ in range(threads)
        ]
        try:
            return await room.first(str.upper, "renewed")
        finally:
            release.set()
            await asyncio.gather(*busy)
            room.close()

    assert awaited(asyncio.wait_for(watched(), 30)) == "RENEWED"
