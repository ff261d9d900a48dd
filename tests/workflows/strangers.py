"""birch-1, freshly installed like amber's hosts, beside amber; and amber before CloudStack heard of it. Made facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pools.cloudstack_facts import CloudStackFacts, CsPod
from pools.facts import Facts, Newcomer, Passport
from tests.workflows import amber

PASSPORT = Passport(
    version="8.2.1",
    cpu_vendor="GenuineIntel",
    edition="enterprise-per-socket",
    pooling=True,
    nics=2,
    traits=(("API version", "2.15"), ("platform version", "3.2.1"), ("updates", "")),
)


def birch(**fields: Any) -> Newcomer:
    """birch-1, with some fields different."""
    return replace(
        Newcomer(address="127.10.9.1", uuid="h-birch-1", name="birch-1", enabled=True, passport=PASSPORT),
        **fields,
    )


def beside(found: Facts, **fields: Any) -> Facts:
    """The facts with birch-1, and the master that it is measured by."""
    return replace(found, newcomers=(birch(**fields),), measure=PASSPORT)


def unknown_to_cloudstack() -> Facts:
    """amber without HA, and a CloudStack that has a pod and no cluster amber."""
    pods = (CsPod(id="pod-1", name="POD-1", zone_id="zone-1", zone="AMS-1"),)
    cloudstack = CloudStackFacts(version="4.20.1.0", cluster="", cluster_name="amber", pods=pods)
    ready = amber.facts().with_ha(enabled=False, default_timeout_s=None)
    return beside(replace(ready, cloudstack=cloudstack))
