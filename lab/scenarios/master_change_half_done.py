"""Amber's change of master to amber-2 broke off in its second phase: amber-3's xapi restarted just then. HA is off."""

from lab.scenarios.build import add_pool, fill
from lab.world import World, power
from lab.xapi.calls import master
from lab.xapi.registry import Context

PAST = 120
BETWEEN_THE_PHASES = master.SYNC_SECONDS + master.TWO_PHASE_SECONDS / 2


def build(world: World) -> None:
    fill(world, add_pool(world, "amber", 4), 16)
    world.after(1, lambda: change_master(world, "amber-1", "amber-2"))
    world.after(1 + BETWEEN_THE_PHASES, lambda: power.restart_toolstack(world, world.host("amber-3")))


def change_master(world: World, old: str, new: str) -> None:
    """What somebody did with xe pool-designate-new-master."""
    context = Context(world, world.host(old), session="", task_ref=world.new_ref())
    world.run(master.designate(context, world.host(new)), world.host(old))
