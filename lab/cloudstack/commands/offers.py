"""What a user's client asks for beside its instances; of most of it the lab has none."""

from __future__ import annotations

from collections.abc import Callable

from lab.cloudstack.commands.instances import PAGING, offering_of
from lab.cloudstack.envelope import Listing
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import Call, command

EMPTY = {
    "listPublicIpAddresses": "publicipaddress",
    "listPortForwardingRules": "portforwardingrule",
    "listIpForwardingRules": "ipforwardingrule",
    "listFirewallRules": "firewallrule",
    "listProjects": "project",
    "listSnapshots": "snapshot",
    "listNetworks": "network",
    "listVolumes": "volume",
}


@command("listServiceOfferings", optional=("id", "name", *PAGING), for_users=True)
def list_service_offerings(call: Call) -> Listing:
    """Lists all available service offerings."""
    found = {offer["id"]: offer for offer in map(offering_of, call.cloud.vms.values())}
    offers = sorted(found.values(), key=lambda offer: offer["name"])
    return listing(call, "serviceoffering", matching(call, offers, ("id", "name")))


@command(
    "listTemplates", required=("templatefilter",), optional=("id", "name", "zoneid", *PAGING), for_users=True
)
def list_templates(call: Call) -> Listing:
    """List all public, private, and privileged templates."""
    template = {
        "id": call.cloud.template_id,
        "name": "debian-12",
        "displaytext": "Debian 12",
        "hypervisor": "XenServer",
        "format": "VHD",
        "ostypename": "Debian GNU/Linux 12 (64-bit)",
        "zoneid": call.cloud.zone.id,
        "isready": True,
    }
    return listing(call, "template", matching(call, [template], ("id", "name", "zoneid")))


def _none_of(element: str) -> Callable[[Call], Listing]:
    def handler(call: Call) -> Listing:
        return listing(call, element, [])

    handler.__doc__ = f"Lists each {element}; there is none."
    return handler


for _name, _element in EMPTY.items():
    command(_name, optional=PAGING, for_users=True)(_none_of(_element))
