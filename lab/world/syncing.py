"""How members come by their copies of the database: one after the other, 300 s before each (pool_db_backup.ml)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import books
from lab.world.things import Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

SYNC_SECONDS = 300.0
SLICES = 60  # the pools of a large world do not all sync at the same moment


def watch(world: World) -> None:
    """Every member begins with a copy of the present, and gets a new one in its turn."""
    for pool in world.pools:
        books.hand_out(world, pool, members(pool))
    turn = 0

    def look() -> None:
        nonlocal turn
        for pool in world.pools[turn % SLICES :: SLICES]:
            _sync_next(world, pool, turn // SLICES)
        turn += 1

    world.on_tick(SYNC_SECONDS / SLICES, look)


def members(pool: Pool) -> list[Host]:
    """The machines that follow the pool's master."""
    return [host for host in pool.hosts if host is not pool.master and host.record_of is None]


def _sync_next(world: World, pool: Pool, turn: int) -> None:
    others, master = members(pool), pool.master
    if master is None or not others or not world.has_database(master) or not world.reachable(master):
        return
    member = others[turn % len(others)]
    if world.connects(master, member) and member.emergency is None:
        books.hand_out(world, pool, [member])


def all_now(world: World, pool: Pool, hosts: list[Host]) -> None:
    """pool.sync_database: each of these hosts gets a copy at once."""
    books.hand_out(world, pool, [host for host in hosts if host in members(pool)])
