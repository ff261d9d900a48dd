"""Pools that change: another master, a host that leaves, a host that joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import books, mastery, power, standalone
from lab.world.things import Host, Pool

if TYPE_CHECKING:
    from lab.world.world import World

MEMBER_RESTART_SECONDS = power.TOOLSTACK_SECONDS + 5.0  # members come up when the new master answers


def change_master(world: World, pool: Pool, target: Host) -> None:
    """The second phase of designate_new_master: every role is rewritten, every toolstack restarts."""
    running = [host for host in pool.hosts if host.power == "on"]
    mastery.believe_in(pool.hosts, target)
    for host in running:
        power.stop_toolstack(world, host)
        world.announce("power", host)
    target.copy = None
    power.restart_toolstack(world, target)
    for host in running:
        if host is not target:
            world.after(MEMBER_RESTART_SECONDS, lambda host=host: power.restart_toolstack(world, host))  # type: ignore[misc]


def break_master(world: World, target: Host, committed: list[Host]) -> None:
    """The second phase failed at some host: the target restarts as "broken", and those that committed follow it."""
    target.broken = True
    for host in committed:
        host.master_address = target.address
        power.restart_toolstack(world, host)
    power.restart_toolstack(world, target)


def become_master(world: World, host: Host) -> None:
    """emergency_transition_to_master: the role is written, the toolstack restarts on its own copy of the database."""
    host.master_address, host.broken = "", False
    power.restart_toolstack(world, host)


def follow(world: World, host: Host, address: str) -> None:
    """emergency_reset_master: believe in another master and restart; nothing to do if it already does."""
    if host.master_address != address or host.broken or host.emergency is not None:
        host.master_address, host.broken = address, False
        power.restart_toolstack(world, host)


def leave(world: World, host: Host) -> None:
    """The end of pool.eject: the record goes, local storage is wiped, the host reboots as a pool of its own."""
    forget_host(host)
    power.kill(world, host)
    standalone.install(world, host)
    power.revive(world, host)
    world.announce("eject", host)


def forget_host(host: Host) -> None:
    """Take the host, its plugs, its local storage and its control domain out of the pool's database."""
    pool = host.pool
    pool.hosts.remove(host)
    for update in pool.updates:
        update.hosts[:] = [other for other in update.hosts if other is not host]
    pool.vms[:] = [vm for vm in pool.vms if not (vm.is_control_domain and vm.resident_on is host)]
    for sr in pool.srs:
        sr.pbds[:] = [pbd for pbd in sr.pbds if pbd.host is not host]
    pool.srs[:] = [sr for sr in pool.srs if sr.pbds or sr.shared]
    for network in pool.networks:
        network.pifs[:] = [pif for pif in network.pifs if pif.host is not host]
    for vm in pool.vms:
        if vm.affinity is host:
            vm.affinity = None


def take_in(world: World, host: Host, pool: Pool) -> None:
    """The end of pool.join: the host gets the pool's identity and restarts as a member; its VMs and disks come along.

    Its record is a new one (Host.create): another reference, disabled and not live until it says hello.
    """
    old = host.pool
    power.stop_toolstack(world, host)
    world.pools.remove(old)
    host.pool, host.master_address = pool, next(peer.address for peer in pool.hosts if peer is pool.master)
    host.ref, host.metrics_ref, host.name_description = world.new_ref(), world.new_ref(), "Default install"
    host.enabled, host.live, host.last_heard = False, False, world.now()
    pool.hosts.append(host)
    _bring_storage(old, pool)
    _bring_guests(world, old, host)
    _bring_networks(old, host)
    _plug_shared_storage(world, host)
    books.hand_out(world, pool, [host])
    power.restart_toolstack(world, host)
    world.announce("join", host)


def _bring_storage(old: Pool, pool: Pool) -> None:
    """Local storage comes along; what every pool has one of (ISO tools) does not."""
    for sr in old.srs:
        if not sr.is_tools_sr:
            sr.pool = pool
            pool.srs.append(sr)
    for pbd in old.pbds:
        pbd.attached = False  # unplugged before the restart, plugged again after it


def _bring_guests(world: World, old: Pool, host: Host) -> None:
    """Halted VMs are imported; the control domain's record is made anew."""
    for vm in old.vms:
        if not vm.is_control_domain:
            vm.pool = host.pool
            host.pool.vms.append(vm)
    standalone.add_control_domain(world, host)


def _bring_networks(old: Pool, host: Host) -> None:
    """An interface joins the pool's network with the same bridge; a bridge the pool does not know is a new network."""
    bridges = {network.bridge: network for network in host.pool.networks}
    for pif in host.pifs:
        network = bridges.get(pif.network.bridge)
        if network is None:
            network = bridges[pif.network.bridge] = pif.network
            network.pifs = []
            host.pool.networks.append(network)
        pif.network = network
        network.pifs.append(pif)


def _plug_shared_storage(world: World, host: Host) -> None:
    """A plug for each shared SR that the master has one for, like the master's (create_storage.ml)."""
    for sr in host.pool.srs:
        masters = next((pbd for pbd in sr.pbds if sr.shared and pbd.host is host.pool.master), None)
        if masters is not None:
            config = {key: value for key, value in masters.device_config.items() if key != "SRmaster"}
            standalone.plug(world, sr, host, config, attached=False)
