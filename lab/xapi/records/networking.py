"""The records of network, PIF, PIF_metrics and Bond."""

from __future__ import annotations

from lab.world.things import PIF, Network
from lab.xapi.records.devices import cards_of
from lab.xapi.records.kind import Kind, View, derived, ref_of
from lab.xapi.values import Record

METRICS_MARK = 0x91F3


def metrics_ref(pif: PIF) -> str:
    return ref_of(derived(pif.uuid, METRICS_MARK))


def network_record(view: View, network: Network) -> Record:
    cards = [card for vm in view.pool.vms for card in cards_of(vm) if card.network is network]
    return {
        "uuid": network.uuid,
        "name_label": network.name,
        "VIFs": [card.ref for card in cards],
        "PIFs": [pif.ref for pif in network.pifs],
        "bridge": network.bridge,
    }


def pif_record(view: View, pif: PIF) -> Record:
    return {
        "uuid": pif.uuid,
        "device": pif.device,
        "network": pif.network.ref,
        "host": pif.host.ref,
        "MAC": pif.mac,
        "MTU": 1500,
        "VLAN": pif.vlan,
        "physical": True,
        "currently_attached": pif.attached,
        "ip_configuration_mode": "Static" if pif.ip else "None",
        "IP": pif.ip,
        "netmask": "255.0.0.0" if pif.ip else "",
        "management": pif.management,
        "disallow_unplug": pif.disallow_unplug,
        "primary_address_type": pif.primary_address_type,
        "metrics": metrics_ref(pif),
    }


def pif_metrics(view: View, pif: PIF) -> Record:
    """The link is up as long as the host's network is not cut."""
    host = pif.host.machine
    return {
        "uuid": derived(pif.uuid, METRICS_MARK),
        "carrier": not host.network_cut,
        "vendor_id": "8086",
        "vendor_name": "Intel Corporation",
        "device_id": "1572",
        "device_name": "Ethernet Controller X710 for 10GbE SFP+",
        "speed": 0 if host.network_cut else 10_000,
        "duplex": True,
        "pci_bus_path": "0000:3b:00.0",
    }


NETWORK = Kind("network", lambda pool: pool.networks, network_record, {"name_label": "name"})
PIF_KIND = Kind(
    "PIF",
    lambda pool: pool.pifs,
    pif_record,
    {"disallow_unplug": "disallow_unplug", "primary_address_type": "primary_address_type"},
)
PIF_METRICS = Kind("PIF_metrics", lambda pool: pool.pifs, pif_metrics, ref=metrics_ref)
BOND = Kind("Bond", lambda pool: [], lambda view, bond: {})  # the lab's hosts have none
