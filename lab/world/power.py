"""Machines and toolstacks: power loss, boot, reboot, toolstack restart, cut network, cut storage.

Durations are lab seconds, of the order seen on real hosts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import books, mastery, storage
from lab.world.things import SR, Host

if TYPE_CHECKING:
    from lab.world.process import Steps
    from lab.world.world import World

POWER_OFF_DELAY = 10.0  # xapi answers the call, then shuts down
BOOT_SECONDS = 150.0
TOOLSTACK_SECONDS = 20.0


def kill(world: World, host: Host) -> None:
    """Power loss: no goodbye, its VMs die with it. The database still says live and Running."""
    stop_toolstack(world, host)
    for pool in world.pools:
        books.forget_truth(host, pool)
    host.power = "off"
    world.announce("power", host)


def revive(world: World, host: Host) -> None:
    """Press the power button; nothing happens to a host that is on or booting.

    One that ``fails_to_boot`` goes on booting for ever.
    """
    if host.power != "off" or host.record_of is not None:
        return
    host.power = "booting"
    if not host.fails_to_boot:
        host.starting = world.run(boot(world, host))
    world.announce("power", host)


def reboot(world: World, host: Host) -> None:
    """Go down now and come back after the boot."""
    kill(world, host)
    revive(world, host)


def restart_toolstack(world: World, host: Host) -> None:
    """Stop xapi and start it again; VMs are unaffected, sessions and tasks of a master are lost."""
    if host.power != "on":
        return
    stop_toolstack(world, host)
    host.toolstack = "starting"
    host.starting = world.run(start_toolstack(world, host, booted=False))
    world.announce("power", host)


def stop_toolstack(world: World, host: Host) -> None:
    """All that lives in xapi's memory is gone: running calls, local sessions, and a master's sessions and tasks."""
    host.toolstack = "stopped"
    host.emergency = host.proposal = None
    host.local_sessions.clear()
    host.keep_disabled = host.startup_complete = False
    if host.starting is not None:
        host.starting.stop()
        host.starting = None
    for process in list(host.processes):
        process.stop()
    if host.pool.master is host:
        host.copy = books.take(world, host.pool, host.copy)
        mastery.forget_memory(host.pool)


def boot(world: World, host: Host) -> Steps:
    """From the power button to a running toolstack."""
    yield BOOT_SECONDS
    host.power = "on"
    host.boot_time = float(int(world.now()))
    host.disabled_until_reboot = False
    mastery.drop_guidances(host, "reboot")
    yield from start_toolstack(world, host, booted=True)


def start_toolstack(world: World, host: Host, *, booted: bool) -> Steps:
    """The start of xapi, after a boot or by itself."""
    host.toolstack = "starting"
    yield TOOLSTACK_SECONDS
    host.agent_start_time = float(int(world.now()))
    host.ha_excluded = False
    mastery.drop_guidances(host, "restart_toolstack")
    storage.plug_all(host, booted=booted)
    mastery.take_role(world, host, booted=booted)
    host.toolstack = "running"
    world.announce("power", host)


def cut_network(world: World, host: Host) -> None:
    """Nobody hears the host any more; it goes on running."""
    host.network_cut = True
    world.announce("power", host)


def mend_network(world: World, host: Host) -> None:
    host.network_cut = False
    world.announce("power", host)


def cut_between(world: World, some: list[Host], others: list[Host]) -> None:
    """These hosts and those do not hear each other any more; clients go on reaching both sides."""
    world.cuts |= {frozenset((one, other)) for one in some for other in others if one is not other}


def mend_between(world: World, some: list[Host], others: list[Host]) -> None:
    world.cuts -= {frozenset((one, other)) for one in some for other in others}


def cut_storage(world: World, host: Host, sr: SR) -> None:
    """The host cannot reach the SR's storage; what is plugged stays plugged in the database."""
    host.cut_srs.add(sr.uuid)
    world.announce("storage", host)


def mend_storage(world: World, host: Host, sr: SR) -> None:
    """The storage is back. A PBD that failed to plug stays unplugged until somebody plugs it."""
    host.cut_srs.discard(sr.uuid)
    world.announce("storage", host)
