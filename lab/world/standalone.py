"""A freshly installed host: a pool of its own, as after an installation or an ejection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.world.things import GIB, PBD, SM, SR, VM, Host, Network, Pool, Strings

if TYPE_CHECKING:
    from lab.world.world import World

LOCAL_DISK = 400 * GIB


def install(world: World, host: Host) -> None:
    """Make the host the master of a fresh pool with one local SR. As after any installation that pool has no name."""
    before = host.pool
    pool = Pool(world.new_ref(), world.new_uuid(), "", master=host)
    pool.sms = [
        SM(world.new_ref(), world.new_uuid(), sm.type, dict(sm.features), list(sm.required_cluster_stack))
        for sm in before.sms
    ]
    pool.networks = [
        Network(world.new_ref(), world.new_uuid(), network.name, network.bridge)
        for network in before.networks
    ]
    pool.restrictions, pool.tls_verification = dict(before.restrictions), before.tls_verification
    host.pool = pool
    pool.hosts.append(host)
    _fresh_record(world, host)
    _fresh_interfaces(host)
    pool.default_sr = SR(
        world.new_ref(), world.new_uuid(), "Local storage", pool, "ext", shared=False, size=LOCAL_DISK
    )
    pool.srs.append(pool.default_sr)
    plug(world, pool.default_sr, host, {"device": "/dev/disk/by-id/lab-sda3"})
    add_control_domain(world, host)
    world.pools.append(pool)


def _fresh_record(world: World, host: Host) -> None:
    """Reference and settings are new; uuid, name and licence are the machine's."""
    host.ref, host.metrics_ref = world.new_ref(), world.new_ref()
    host.master_address, host.broken, host.ha_armed, host.silent_since = "", False, False, None
    host.enabled, host.live, host.multipathing, host.auto_enable = False, True, False, True
    host.name_description = "Default install"
    host.other_config = {"iscsi_iqn": host.other_config.get("iscsi_iqn", "")}
    host.ha_statefiles, host.ha_network_peers, host.pbds = [], [], []
    host.external_auth_type = host.external_auth_service_name = ""
    host.copy, host.clean = None, True


def _fresh_interfaces(host: Host) -> None:
    for pif, network in zip(host.pifs, host.pool.networks, strict=False):
        pif.network = network
        network.pifs.append(pif)


def plug(world: World, sr: SR, host: Host, device_config: Strings, *, attached: bool = True) -> PBD:
    """A PBD of the host for the SR."""
    pbd = PBD(world.new_ref(), world.new_uuid(), host, sr, attached, dict(device_config))
    sr.pbds.append(pbd)
    host.pbds.append(pbd)
    return pbd


def add_control_domain(world: World, host: Host) -> VM:
    """The record of the host's dom0."""
    domain = VM(
        world.new_ref(), world.new_uuid(), f"Control domain on host: {host.name}", host.pool, memory=0
    )
    domain.is_control_domain, domain.power_state, domain.resident_on = True, "Running", host
    host.pool.vms.append(domain)
    return domain
