"""The bricks of a scenario: pools with hosts, storage and VMs."""

from __future__ import annotations

from dataclasses import dataclass

from lab.world import GIB, MIB, PBD, PIF, SM, SR, VDI, VM, Host, Network, Pool, World
from lab.world.things import Strings

STATEFILE_FEATURES = {"VDI_GENERATE_CONFIG": 1, "VDI_ATTACH_OFFLINE": 1, "SR_PROBE": 1, "VDI_CREATE": 1}
DRIVERS: dict[str, dict[str, int]] = {
    "nfs": STATEFILE_FEATURES,
    "lvmoiscsi": STATEFILE_FEATURES,
    "ext": {"SR_PROBE": 1, "VDI_CREATE": 1},
    "iso": {"SR_PROBE": 1},
}
XENSERVER_82: Strings = {
    "product_version": "8.2.1",
    "product_version_text": "8.2 CU1",
    "product_version_text_short": "8.2 CU1",
    "product_brand": "Citrix Hypervisor",
    "platform_name": "XCP",
    "platform_version": "3.2.1",
    "build_number": "release/yangtze/master/58",
    "xapi": "1.20",
    "xen": "4.13.5-9.12",
    "linux": "4.19.0+1",
    "network_backend": "openvswitch",
    "db_schema": "5.603",
    "hostname": "localhost",
    "date": "2021-06-02",
}
SIZES = [2 * GIB, 4 * GIB, 4 * GIB, 8 * GIB]
DAY = 86_400.0


@dataclass
class Storage:
    """The SRs every pool of the scenarios has."""

    heartbeat: SR
    iscsi: SR
    iso: SR


def address(pool: int, host: int) -> str:
    """Pool i, host j is at 127.10.i.j, both counted from 1; pool 251 is at 127.11.1.j, and so on."""
    return f"127.{10 + (pool - 1) // 250}.{(pool - 1) % 250 + 1}.{host}"


def add_pool(world: World, name: str, hosts: int) -> Pool:
    """A pool of that many hosts named ``name-1`` (the master) … with networks, storage and no VMs; HA off."""
    number = len(world.pools) + 1
    pool = bare_pool(world, name)
    for index in range(1, hosts + 1):
        add_host(world, pool, f"{name}-{index}", address(number, index))
    pool.default_sr = add_storage(world, pool).iscsi
    return pool


def add_stranger(world: World, name: str) -> Host:
    """A freshly installed host: a nameless pool of its own with local storage, which CloudStack does not know."""
    number = len(world.pools) + 1
    pool = bare_pool(world, "")
    host = add_host(world, pool, name, address(number, 1))
    pool.default_sr = add_sr(world, pool, "Local storage", "ext", 400 * GIB, [host])
    return host


def bare_pool(world: World, name: str) -> Pool:
    """A pool with networks and storage drivers, and no hosts yet."""
    pool = Pool(world.new_ref(), world.new_uuid(), name)
    world.pools.append(pool)
    pool.networks = [
        Network(world.new_ref(), world.new_uuid(), "Pool-wide network associated with eth0", "xenbr0"),
        Network(world.new_ref(), world.new_uuid(), "Pool-wide network associated with eth1", "xenbr1"),
    ]
    pool.sms = [
        SM(world.new_ref(), world.new_uuid(), kind, dict(features)) for kind, features in DRIVERS.items()
    ]
    return pool


def add_host(world: World, pool: Pool, name: str, address: str) -> Host:
    """A running, enabled host; the first one of a pool is its master."""
    host = Host(world.new_ref(), world.new_uuid(), name, address, pool)
    host.metrics_ref = world.new_ref()
    host.software_version = {**XENSERVER_82, "hostname": name}
    host.boot_time = float(int(world.now() - (20 + len(pool.hosts)) * DAY))
    host.agent_start_time = host.boot_time + 70
    host.other_config = {"iscsi_iqn": f"iqn.2026-01.lab:{name}"}
    if pool.master is None:
        pool.master = host
    else:
        host.master_address = pool.master.address
    pool.hosts.append(host)
    _add_pifs(world, host)
    control_domain = VM(world.new_ref(), world.new_uuid(), f"Control domain on host: {name}", pool)
    control_domain.is_control_domain = True
    control_domain.power_state, control_domain.resident_on = "Running", host
    control_domain.memory = 0
    pool.vms.append(control_domain)
    return host


def _add_pifs(world: World, host: Host) -> None:
    for index, network in enumerate(host.pool.networks):
        mac = "02:00:" + ":".join(f"{world.rng.randrange(256):02x}" for _ in range(4))
        pif = PIF(world.new_ref(), world.new_uuid(), host, network, f"eth{index}", mac)
        if index == 0:
            pif.ip, pif.management = host.address, True
        host.pifs.append(pif)
        network.pifs.append(pif)


def add_storage(world: World, pool: Pool) -> Storage:
    """``nfs-hb`` (small, for heartbeats), ``iscsi-1`` (the VMs' disks), an ISO library, and each host's local disk."""
    heartbeat = add_sr(world, pool, "nfs-hb", "nfs", 16 * GIB, pool.hosts)
    iscsi = add_sr(world, pool, "iscsi-1", "lvmoiscsi", 8192 * GIB, pool.hosts)
    iso = add_sr(world, pool, "isos", "iso", 512 * GIB, pool.hosts)
    iso.content_type = "iso"
    for host in pool.hosts:
        add_sr(world, pool, f"Local storage on {host.name}", "ext", 400 * GIB, [host])
    return Storage(heartbeat, iscsi, iso)


def add_sr(world: World, pool: Pool, name: str, kind: str, size: int, hosts: list[Host]) -> SR:
    """An SR plugged into the hosts; local when its driver is ``ext``."""
    sr = SR(world.new_ref(), world.new_uuid(), name, pool, kind, shared=kind != "ext", size=size)
    pool.srs.append(sr)
    for host in hosts:
        plug(world, sr, host)
    return sr


def plug(world: World, sr: SR, host: Host) -> PBD:
    """Give a host an attached PBD for the SR."""
    pbd = PBD(world.new_ref(), world.new_uuid(), host, sr)
    pbd.device_config = _device_config(sr)
    sr.pbds.append(pbd)
    host.pbds.append(pbd)
    return pbd


def _device_config(sr: SR) -> Strings:
    if sr.type in ("nfs", "iso"):
        return {"server": "storage.lab.example", "serverpath": f"/export/{sr.pool.name}/{sr.name}"}
    if sr.type == "lvmoiscsi":
        return {
            "target": "storage.lab.example",
            "targetIQN": "iqn.2026-01.lab:target",
            "SCSIid": sr.uuid.replace("-", ""),
        }
    return {"device": "/dev/disk/by-id/lab-sda3"}


def sr_named(pool: Pool, name: str) -> SR:
    """The pool's SR of that name; KeyError if there is none."""
    for sr in pool.srs:
        if sr.name == name:
            return sr
    raise KeyError(name)


def add_vdi(world: World, sr: SR, name: str, size: int, kind: str = "user") -> VDI:
    """A disk on the SR."""
    vdi = VDI(world.new_ref(), world.new_uuid(), name, sr, size, kind)
    sr.vdis.append(vdi)
    return vdi


def add_local_disk(world: World, host: Host, name: str = "scratch") -> VDI:
    """A disk that would be lost if the host were wiped."""
    return add_vdi(world, sr_named(host.pool, f"Local storage on {host.name}"), name, 20 * GIB)


def add_vm(world: World, host: Host, name: str, memory: int = 4 * GIB, sr: str = "iscsi-1") -> VM:
    """A VM that runs on the host, its disk on the SR of that name; CloudStack's are named like i-2-34-VM."""
    vm = VM(world.new_ref(), world.new_uuid(), name, host.pool, memory)
    vm.power_state, vm.resident_on = "Running", host
    disk = f"ROOT-{name.split('-')[-2]}" if name.endswith("-VM") else f"{name} 0"
    vm.disks = [add_vdi(world, sr_named(host.pool, sr), disk, 20 * GIB)]
    host.pool.vms.append(vm)
    return vm


def fill(world: World, pool: Pool, vms: int) -> list[VM]:
    """VMs named as CloudStack names them, dealt round to the hosts that are enabled."""
    homes = [host for host in pool.hosts if host.enabled]
    return [
        add_vm(world, homes[i % len(homes)], f"i-{2 + i % 3}-{world.next_number()}-VM", SIZES[i % len(SIZES)])
        for i in range(vms)
    ]


def switch_ha_on(world: World, pool: Pool, timeout: int | None = 180, sr_name: str = "nfs-hb") -> None:
    """HA on, as after ``pool.enable_ha``; without ``timeout`` it has xapi's default of 60 s."""
    sr = sr_named(pool, sr_name)
    statefile = add_vdi(world, sr, "Statefile for HA", 4 * MIB, "ha_statefile")
    add_vdi(world, sr, "Metadata for HA", 256 * MIB, "redo_log")
    pool.ha_enabled = True
    pool.ha_timeout = float(timeout or 60)
    pool.ha_configuration = {} if timeout is None else {"timeout": str(timeout)}
    if timeout is not None:
        pool.other_config["default_ha_timeout"] = str(timeout)
    pool.ha_statefiles = [statefile.ref]
    for host in pool.hosts:
        host.ha_armed = True
        host.ha_statefiles = [statefile.ref]
        host.ha_network_peers = [peer.uuid for peer in pool.hosts]
