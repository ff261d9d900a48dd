"""Machines and toolstacks: power loss, boot, reboot, toolstack restart, cut network, cut storage.

Durations are lab seconds, of the order seen on real hosts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import mastery, storage
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
    host.power = "off"
    world.announce("power", host)


def revive(world: World, host: Host) -> None:
    """Press the power button; nothing happens to a host that is on or booting."""
    if host.power != "off":
        return
    host.power = "booting"
    host.starting = world.run(_boot(world, host))
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
    host.starting = world.run(_start_toolstack(world, host, booted=False))
    world.announce("power", host)


def stop_toolstack(world: World, host: Host) -> None:
    """All that lives in xapi's memory is gone: running calls, local sessions, and a master's sessions and tasks."""
    host.toolstack = "stopped"
    host.emergency = None
    host.local_sessions.clear()
    host.keep_disabled = False
    if host.starting is not None:
        host.starting.stop()
        host.starting = None
    for process in list(host.processes):
        process.stop()
    if host.pool.master is host:
        mastery.forget_memory(host.pool)


def _boot(world: World, host: Host) -> Steps:
    yield BOOT_SECONDS
    host.power = "on"
    host.boot_time = float(int(world.now()))
    host.disabled_until_reboot = False
    host.pending_guidances.clear()
    yield from _start_toolstack(world, host, booted=True)


def _start_toolstack(world: World, host: Host, *, booted: bool) -> Steps:
    host.toolstack = "starting"
    yield TOOLSTACK_SECONDS
    host.agent_start_time = float(int(world.now()))
    if booted:
        storage.plug_at_boot(host)
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


def cut_storage(world: World, host: Host, sr: SR) -> None:
    """The host cannot reach the SR's storage; what is plugged stays plugged in the database."""
    host.cut_srs.add(sr.uuid)
    world.announce("storage", host)


def mend_storage(world: World, host: Host, sr: SR) -> None:
    """The storage is back. A PBD that failed to plug stays unplugged until somebody plugs it."""
    host.cut_srs.discard(sr.uuid)
    world.announce("storage", host)
