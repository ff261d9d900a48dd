"""The releases a pool may speak: what its hosts say of themselves, and where they stand in the datamodel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lab.world.releases import Release, release_of
from lab.world.things import Pool, Strings
from lab.xapi.datamodel import ORDER

# Product version → the newest release of the datamodel it has (releases.yml; 8.2.1 has the 8.2 hotfixes,
# XCP-ng 8.3 is at xapi 26.1, XenServer 8 calls itself 8.4 and rolls on).
PRODUCTS: dict[Release, str] = {
    (6, 2): "clearwater",
    (6, 5): "cream",
    (7, 0): "dundee",
    (7, 1): "ely",
    (7, 2): "falcon",
    (7, 3): "inverness",
    (7, 4): "jura",
    (7, 5): "kolkata",
    (7, 6): "lima",
    (8, 0): "naples",
    (8, 1): "quebec",
    (8, 2): "stockholm_psr",
    (8, 3): "26.1.0",
    (8, 4): "26.17.0",
}
JSON_SINCE = ORDER["dundee"]


@dataclass(frozen=True)
class Dialect:
    """One release as its hosts show it: ``host.API_version_*`` and the blanks of ``host.software_version``."""

    api: tuple[int, int]
    product: str
    brand: str
    platform: str
    build: str
    xapi: str
    xen: str
    linux: str
    date: str
    schema: str

    @property
    def software_version(self) -> Strings:
        """As xapi fills it in (create_misc.ml), without what differs from host to host."""
        short = self.product.removesuffix(".0")
        major_minor = ".".join(self.xapi.split(".")[:2])
        newer = {"xapi_build": self.xapi} if self.api >= (2, 20) else {}
        return {
            "product_version": self.product,
            "product_version_text": short,
            "product_version_text_short": short,
            "product_brand": self.brand,
            "platform_name": "XCP",
            "platform_version": self.platform,
            "build_number": self.build,
            "xapi": major_minor,
            **newer,
            "xen": self.xen,
            "linux": self.linux,
            "network_backend": "openvswitch",
            "db_schema": self.schema,
            "date": self.date,
        }


CITRIX, XENSERVER, LINUX_419 = "Citrix Hypervisor", "XenServer", "4.19.0+1"
DIALECTS = {
    "6.2": Dialect(
        (2, 0), "6.2.0", XENSERVER, "1.8.0", "70446c", "1.3", "4.1.5", "2.6.32.43xen", "2013-06-14", "5.66"
    ),
    "6.5": Dialect(
        (2, 4), "6.5.0", XENSERVER, "1.9.0", "90233c", "1.3", "4.4.1", "3.10.0+2", "2014-12-24", "5.74"
    ),
    "7.1": Dialect(
        (2, 6), "7.1.2", XENSERVER, "2.2.0", "137272c", "1.14", "4.7.6", "4.4.0+2", "2019-01-31", "5.120"
    ),
    "8.2": Dialect(
        (2, 15), "8.2.1", CITRIX, "3.2.1", "8.2.1", "1.20", "4.13.5", LINUX_419, "2021-06-02", "5.603"
    ),
    "8.3": Dialect(
        (2, 21), "8.3.0", "XCP-ng", "3.4.0", "8.3", "26.1.0", "4.17.5", LINUX_419, "2026-01-20", "5.791"
    ),
    "current": Dialect(
        (2, 23), "8.4.0", XENSERVER, "3.4.0", "stream", "26.17.0", "4.17.5", LINUX_419, "2026-08-21", "5.800"
    ),
}


def speak(pool: Pool, name: str) -> None:
    """Let a pool's hosts run that release; KeyError if the lab does not know it."""
    dialect = DIALECTS[name]
    for host in pool.hosts:
        own = {"hostname": host.software_version.get("hostname", host.name)}
        host.software_version = {**dialect.software_version, **own}
        host.api_version = dialect.api


def release(pool: Pool) -> int:
    """Where the pool's master stands in ``RELEASES``; of a version that is not there, the next older one."""
    host = pool.master or pool.hosts[0]
    return _place(release_of(host))


@cache
def _place(version: Release) -> int:
    known = [product for product in PRODUCTS if product <= version]
    return ORDER[PRODUCTS[max(known, default=(6, 2))]]
