"""Which release of XenServer or XCP-ng a host runs, for the rules that changed between them."""

from __future__ import annotations

from lab.world.things import Host

Release = tuple[int, int]


def release_of(host: Host) -> Release:
    """Major and minor product version: (6, 2), (8, 2) … XenServer 8 is (8, 4), XCP-ng 8.3 is (8, 3)."""
    major, _, rest = host.software_version.get("product_version", "8.2.1").partition(".")
    minor = rest.partition(".")[0]
    return int(major), int(minor or 0)


def at_least(host: Host, release: Release) -> bool:
    """The host runs that release or a newer one."""
    return release_of(host) >= release
