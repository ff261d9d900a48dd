"""The records of host_metrics, message, SM, network and PIF."""

from __future__ import annotations

from lab.world import NULL, World
from lab.world.things import PIF, SM, Host, Message, Network
from lab.xapi.records.kind import Kind
from lab.xapi.values import EPOCH, Record, Stamp


def metrics_record(world: World, host: Host) -> Record:
    """``last_updated`` is written when the host is created and never again (xapi_host.ml:1105)."""
    return {
        "uuid": host.metrics_ref.removeprefix("OpaqueRef:"),
        "memory_total": host.memory_total,
        "live": host.live,
        "last_updated": EPOCH,
        "other_config": {},
    }


def message_record(world: World, message: Message) -> Record:
    return {
        "uuid": message.uuid,
        "name": message.name,
        "priority": message.priority,
        "cls": message.cls,
        "obj_uuid": message.obj_uuid,
        "timestamp": Stamp(message.timestamp),
        "body": message.body,
    }


def sm_record(world: World, sm: SM) -> Record:
    return {
        "uuid": sm.uuid,
        "name_label": sm.type,
        "name_description": "",
        "type": sm.type,
        "vendor": "Baton lab",
        "copyright": "",
        "version": "1.0",
        "required_api_version": "1.0",
        "configuration": {},
        "capabilities": list(sm.features),
        "features": dict(sm.features),
        "other_config": {},
        "driver_filename": f"/opt/xensource/sm/{sm.type.upper()}SR",
        "required_cluster_stack": [],
    }


def network_record(world: World, network: Network) -> Record:
    return {
        "uuid": network.uuid,
        "name_label": network.name,
        "name_description": "",
        "allowed_operations": [],
        "current_operations": {},
        "VIFs": [],
        "PIFs": [pif.ref for pif in network.pifs],
        "MTU": 1500,
        "other_config": {},
        "bridge": network.bridge,
        "managed": True,
        "blobs": {},
        "tags": [],
        "default_locking_mode": "unlocked",
        "assigned_ips": {},
        "purpose": [],
    }


def pif_record(world: World, pif: PIF) -> Record:
    lists = (
        "bond_master_of",
        "VLAN_slave_of",
        "tunnel_access_PIF_of",
        "tunnel_transport_PIF_of",
        "IPv6",
        "capabilities",
        "sriov_physical_PIF_of",
        "sriov_logical_PIF_of",
    )
    return {
        "uuid": pif.uuid,
        "device": pif.device,
        "network": pif.network.ref,
        "host": pif.host.ref,
        "MAC": pif.mac,
        "MTU": 1500,
        "VLAN": -1,
        "physical": True,
        "currently_attached": pif.attached,
        "ip_configuration_mode": "Static" if pif.ip else "None",
        "IP": pif.ip,
        "netmask": "255.0.0.0" if pif.ip else "",
        "gateway": "",
        "DNS": "",
        "management": pif.management,
        "other_config": {},
        "disallow_unplug": pif.disallow_unplug,
        "ipv6_configuration_mode": "None",
        "ipv6_gateway": "",
        "primary_address_type": "IPv4",
        "managed": True,
        "properties": {},
        "igmp_snooping_status": "unknown",
        **{name: [] for name in lists},
        **dict.fromkeys(("metrics", "bond_slave_of", "VLAN_master_of", "PCI"), NULL),
    }


HOST_METRICS = Kind(
    "host_metrics", lambda pool: pool.hosts, metrics_record, ref=lambda host: host.metrics_ref, named=False
)
MESSAGE = Kind("message", lambda pool: pool.messages, message_record, named=False)
SM_KIND = Kind("SM", lambda pool: pool.sms, sm_record)
NETWORK = Kind("network", lambda pool: pool.networks, network_record)
PIF_KIND = Kind("PIF", lambda pool: pool.pifs, pif_record, named=False)
