"""Pools that change: another master, a host that leaves, a host that joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world import mastery, power
from lab.world.things import GIB, PBD, SM, SR, VM, Host, Network, Pool

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
    power.restart_toolstack(world, target)
    for host in running:
        if host is not target:
            world.after(MEMBER_RESTART_SECONDS, lambda host=host: power.restart_toolstack(world, host))  # type: ignore[misc]


def become_master(world: World, host: Host) -> None:
    """emergency_transition_to_master: the role is written, the toolstack restarts on its own copy of the database."""
    host.master_address = ""
    power.restart_toolstack(world, host)


def follow(world: World, host: Host, address: str) -> None:
    """emergency_reset_master: believe in another master and restart; nothing to do if it already does."""
    if host.master_address != address or host.emergency is not None:
        host.master_address = address
        power.restart_toolstack(world, host)


def leave(world: World, host: Host) -> None:
    """The end of pool.eject: the record goes, local storage is wiped, the host reboots as a pool of its own."""
    forget_host(host)
    power.kill(world, host)
    _become_standalone(world, host)
    power.revive(world, host)
    world.announce("eject", host)


def forget_host(host: Host) -> None:
    """Take the host, its plugs, its local storage and its control domain out of the pool's database."""
    pool = host.pool
    pool.hosts.remove(host)
    pool.vms[:] = [vm for vm in pool.vms if not (vm.is_control_domain and vm.resident_on is host)]
    for sr in pool.srs:
        sr.pbds[:] = [pbd for pbd in sr.pbds if pbd.host is not host]
    pool.srs[:] = [sr for sr in pool.srs if sr.pbds or sr.shared]
    for network in pool.networks:
        network.pifs[:] = [pif for pif in network.pifs if pif.host is not host]
    for vm in pool.vms:
        if vm.affinity is host:
            vm.affinity = None


def _become_standalone(world: World, host: Host) -> None:
    pool = Pool(world.new_ref(), world.new_uuid(), "", master=host)
    pool.sms = [SM(world.new_ref(), world.new_uuid(), sm.type, dict(sm.features)) for sm in host.pool.sms]
    pool.networks = [
        Network(world.new_ref(), world.new_uuid(), network.name, network.bridge)
        for network in host.pool.networks
    ]
    host.pool = pool
    host.ref, host.metrics_ref = world.new_ref(), world.new_ref()
    host.master_address, host.ha_armed, host.silent_since = "", False, None
    host.enabled, host.live, host.multipathing = False, True, False
    host.other_config = {"iscsi_iqn": host.other_config.get("iscsi_iqn", "")}
    host.ha_statefiles, host.ha_network_peers, host.pbds = [], [], []
    pool.hosts.append(host)
    _fresh_pifs(host)
    _fresh_local_storage(world, host)
    add_control_domain(world, host)
    world.pools.append(pool)


def _fresh_pifs(host: Host) -> None:
    for pif, network in zip(host.pifs, host.pool.networks, strict=False):
        pif.network = network
        network.pifs.append(pif)


def _fresh_local_storage(world: World, host: Host) -> None:
    sr = SR(
        world.new_ref(), world.new_uuid(), "Local storage", host.pool, "ext", shared=False, size=400 * GIB
    )
    host.pool.srs.append(sr)
    _plug(world, sr, host, {"device": "/dev/disk/by-id/lab-sda3"})


def _plug(world: World, sr: SR, host: Host, device_config: dict[str, str]) -> None:
    pbd = PBD(world.new_ref(), world.new_uuid(), host, sr, device_config=dict(device_config))
    sr.pbds.append(pbd)
    host.pbds.append(pbd)


def add_control_domain(world: World, host: Host) -> VM:
    """The record of the host's dom0."""
    domain = VM(
        world.new_ref(), world.new_uuid(), f"Control domain on host: {host.name}", host.pool, memory=0
    )
    domain.is_control_domain, domain.power_state, domain.resident_on = True, "Running", host
    host.pool.vms.append(domain)
    return domain


def take_in(world: World, host: Host, pool: Pool) -> None:
    """The end of pool.join: the host gets the pool's identity and shared storage, and restarts as a member."""
    old = host.pool
    power.stop_toolstack(world, host)
    world.pools.remove(old)
    host.pool, host.master_address = pool, next(peer.address for peer in pool.hosts if peer is pool.master)
    host.enabled, host.live, host.last_heard = False, True, world.now()
    pool.hosts.append(host)
    for sr in old.srs:
        sr.pool = pool
        pool.srs.append(sr)
    for vm in old.vms:
        vm.pool = pool
        pool.vms.append(vm)
    for pif, network in zip(host.pifs, pool.networks, strict=False):
        pif.network = network
        network.pifs.append(pif)
    for sr in pool.srs:
        if sr.shared and sr.pbds:
            _plug(world, sr, host, sr.pbds[0].device_config)
    power.restart_toolstack(world, host)
    world.announce("join", host)
