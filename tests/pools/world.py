"""The named world as facts: pool amber, all well, and small changes to it. Tests say what differs, not what is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.facts import Facts, Ha, Host, Pbd, PoolFacts, Probe, Sr, Trouble, Vm
from pools.rules.case import Case, Policy

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SILENT = Trouble(code="timeout", says="127.10.1.1 did not answer within 5 s.")


def amber() -> Facts:
    """Four hosts, HA on at 180 s with its statefile on nfs-hb, CloudStack 4.20, two guests a host: all well."""
    hosts = tuple(_host(j) for j in (1, 2, 3, 4))
    pool = PoolFacts(
        uuid="pool-amber",
        ref="OpaqueRef:pool",
        name="amber",
        master="amber-1",
        ha=Ha(
            enabled=True,
            timeout_s=180,
            default_timeout_s=180,
            statefile_srs=("nfs-hb",),
            failures_to_tolerate=1,
            plan_exists_for=1,
        ),
        hosts=hosts,
        srs=(_sr("nfs-hb", "nfs"), _sr("iscsi-1", "lvmoiscsi")),
        pbds=tuple(_pbd(h.uuid, sr) for h in hosts for sr in ("nfs-hb", "iscsi-1")),
        vms=tuple(_vm(i) for i in range(8)),
    )
    return Facts(at=NOW, pool=pool, cloudstack=_cloudstack(hosts), probes=tuple(_probe(h) for h in hosts))


def judged(facts: Facts, **case: Any) -> Case:
    """A case about amber, looked at just now; keywords are fields of `Case`."""
    known = facts if facts.pool else amber()
    values: dict[str, Any] = {"now": NOW, "known": known, "good_at": known.at, **case}
    return Case(pool="amber", facts=facts, **values)


def ha_off() -> Facts:
    """Amber with HA off."""
    return amber().with_ha(enabled=False)


def unplugged(host: str, sr: str, facts: Facts | None = None) -> Facts:
    """One cable pulled."""
    facts = facts or amber()
    assert facts.pool
    cut = (replace(p, attached=False) if (p.host, p.sr) == (host, sr) else p for p in facts.pool.pbds)
    return facts.with_pool(pbds=tuple(cut))


def crashed() -> Facts:
    """What cobalt-2 went through, on amber-2: back, but disabled by an unplugged iscsi-1, in Alert."""
    facts = unplugged("amber-2", "iscsi-1").with_host("amber-2", enabled=False)
    return facts.with_cs_host("cs-2", state="Alert")


def with_probe(facts: Facts, address: str, **changes: Any) -> Facts:
    """One address answering otherwise."""
    probes = (replace(p, **changes) if p.address == address else p for p in facts.probes)
    return replace(facts, probes=tuple(probes))


def master_silent(facts: Facts | None = None, code: str = "timeout") -> Facts:
    """The master is dead: no login, no probe; members still name it, as real ones do."""
    facts = with_probe(facts or amber(), "127.10.1.1", answers=False, code=code, master=None)
    return replace(facts, pool=None, pool_trouble=SILENT)


def policy(**changes: Any) -> Policy:
    return replace(Policy(), **changes)


def _host(j: int) -> Host:
    name = f"amber-{j}"
    return Host(
        uuid=name,
        ref=f"OpaqueRef:{name}",
        name=name,
        address=f"127.10.1.{j}",
        enabled=True,
        live=True,
        version="8.2.1",
        is_master=j == 1,
        boot_time=NOW.timestamp() - 20 * 86_400,
        agent_start_time=NOW.timestamp() - 20 * 86_400 + 70,
        ha_statefiles=("OpaqueRef:statefile",),
    )


def _sr(name: str, kind: str) -> Sr:
    return Sr(uuid=name, ref=f"OpaqueRef:{name}", name=name, type=kind, shared=True)


def _pbd(host: str, sr: str) -> Pbd:
    return Pbd(uuid=f"{host}/{sr}", ref=f"OpaqueRef:{host}/{sr}", host=host, sr=sr, attached=True)


def _vm(i: int) -> Vm:
    return Vm(
        uuid=f"vm-{i}",
        ref=f"OpaqueRef:vm-{i}",
        name=f"i-2-{i}-VM",
        power_state="Running",
        host=f"amber-{1 + i % 4}",
    )


def _probe(host: Host) -> Probe:
    return Probe(address=host.address, answers=True, master="127.10.1.1")


def _cloudstack(hosts: tuple[Host, ...]) -> CloudStackFacts:
    seen = tuple(
        CsHost(
            id=f"cs-{j}",
            name=h.name,
            address=h.address,
            state="Up",
            resourcestate="Enabled",
            cluster="cluster-amber",
        )
        for j, h in enumerate(hosts, 1)
    )
    return CloudStackFacts(
        version="4.20.1.0", cluster="cluster-amber", cluster_name="amber", zone="AMS-1", hosts=seen
    )
