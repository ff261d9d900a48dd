"""XAPI's records of a host that is to join a pool, as facts; and of the master that it is measured by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pools.facts import Newcomer, Passport, Task
from pools.reading.values import flag, number, text, words
from pools.reading.xenserver import is_guest, task_facts

Record = dict[str, Any]
Records = Mapping[str, Record]
PHYSICAL = -1
"""VLAN of a PIF that is no VLAN."""
TRAITS = {
    "platform version": "platform_version",
    "xapi": "xapi",
    "git id": "git_id",
    "kernel": "xs:linux",
    "network backend": "network_backend",
    "database schema": "db_schema",
}
"""What must simply be the same, of `software_version`."""


@dataclass(frozen=True, kw_only=True)
class Papers:
    """What XAPI answered about one host of one pool, by reference. `ref` is the host's."""

    ref: str
    pool: Record
    hosts: Records
    pifs: Records = field(default_factory=dict)
    bonds: Records = field(default_factory=dict)
    srs: Records = field(default_factory=dict)
    vms: Records = field(default_factory=dict)
    tasks: Records = field(default_factory=dict)
    updates: Records = field(default_factory=dict)

    @property
    def host(self) -> Record:
        return self.hosts[self.ref]


def passport(papers: Papers) -> Passport:
    """What is compared when a host joins."""
    host = papers.host
    installed: Record = host.get("software_version") or {}
    cpu: Record = host.get("cpu_info") or {}
    traits = {name: str(installed.get(key) or "") for name, key in TRAITS.items()}
    return Passport(
        version=str(installed.get("product_version") or installed.get("platform_version") or ""),
        cpu_vendor=str(cpu.get("vendor") or ""),
        cpu_features=str(cpu.get("features") or ""),
        edition=text(host, "edition"),
        pooling=_not(flag((host.get("license_params") or {}).get("restrict_pooling"))),
        large_pools=_not(flag((papers.pool.get("restrictions") or {}).get("restrict_pool_size"))),
        nics=sum(1 for pif in _physical(papers)),
        traits=tuple(sorted({**traits, **_more_traits(papers)}.items())),
    )


def _more_traits(papers: Papers) -> dict[str, str]:
    host, pool = papers.host, papers.pool
    installed: Record = host.get("software_version") or {}
    management = next((pif for pif in _own_pifs(papers) if flag(pif.get("management"))), {})
    enforced = (u for u in papers.updates.values() if flag(u.get("enforce_homogeneity")))
    return {
        "brand": str(installed.get("product_brand") or installed.get("platform_name") or ""),
        "API version": f"{host.get('API_version_major')}.{host.get('API_version_minor')}",
        "external authentication": " ".join(
            (text(host, "external_auth_type"), text(host, "external_auth_service_name").lower())
        ).strip(),
        "management VLAN": str(number(management.get("VLAN")) if management else ""),
        "address type": text(management, "primary_address_type"),
        "TLS verification": str(flag(pool.get("tls_verification_enabled"))),
        "updates": ", ".join(
            sorted(text(u, "uuid") for u in enforced if papers.ref in (u.get("hosts") or ()))
        ),
    }


def newcomer(papers: Papers, address: str, skew_s: float | None) -> Newcomer:
    """The host that answers at that address."""
    host, pool = papers.host, papers.pool
    running = (vm for vm in papers.vms.values() if is_guest(vm) and text(vm, "power_state") == "Running")
    shared = (sr for sr in papers.srs.values() if flag(sr.get("shared")) and not _is_tools(sr))
    return Newcomer(
        address=address,
        uuid=text(host, "uuid"),
        name=text(host, "name_label") or address,
        enabled=bool(flag(host.get("enabled"))),
        members=len(papers.hosts),
        ha_enabled=bool(flag(pool.get("ha_enabled"))),
        guests=tuple(sorted(text(vm, "name_label") for vm in running)),
        shared_srs=tuple(sorted(text(sr, "name_label") for sr in shared)),
        network=tuple(_not_plain(papers)),
        guidances=words(host.get("pending_guidances")),
        clock_skew_s=skew_s,
        passport=passport(papers),
        tasks=tasks(papers.tasks),
    )


def tasks(records: Records) -> tuple[Task, ...]:
    """Those that still stand there, of whoever."""
    return tuple(sorted((task_facts(ref, task) for ref, task in records.items()), key=lambda t: t.ref))


def _not_plain(papers: Papers) -> Iterable[str]:
    own = list(_own_pifs(papers))
    if papers.bonds:
        yield "bonds"
    if any(_vlan(pif) and not flag(pif.get("management")) for pif in own):
        yield "VLANs"
    if any(pif.get("tunnel_access_PIF_of") for pif in own):
        yield "tunnels"
    if any(pif.get("sriov_logical_PIF_of") for pif in own):
        yield "SR-IOV networks"


def _vlan(pif: Record) -> bool:
    return number(pif.get("VLAN")) not in (None, PHYSICAL)


def _own_pifs(papers: Papers) -> Iterable[Record]:
    return (pif for pif in papers.pifs.values() if text(pif, "host") == papers.ref)


def _physical(papers: Papers) -> Iterable[Record]:
    return (pif for pif in _own_pifs(papers) if flag(pif.get("physical")) or not _vlan(pif))


def _is_tools(sr: Record) -> bool:
    """Every pool has one of these, shared with nobody; before 7.0 only its name tells."""
    return bool(flag(sr.get("is_tools_sr"))) or text(sr, "name_label") in ("XenServer Tools", "XCP-ng Tools")


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
