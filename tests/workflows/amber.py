"""Pool amber as facts, all well: four hosts, HA on at 180 s, one cluster of the same name. Made, not looked at."""

from __future__ import annotations

from datetime import UTC, datetime

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.facts import Facts, Ha, Host, Pbd, PoolFacts, Probe, Sr, Vm
from workflows.engine.situation import Situation

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NAMES = ("amber-1", "amber-2", "amber-3", "amber-4")
GIB = 2**30


def facts() -> Facts:
    """What a look at the healthy pool says."""
    return Facts(at=AT, pool=_pool(), cloudstack=_cloudstack(), probes=tuple(_probe(i) for i in range(1, 5)))


def situation(
    found: Facts | None = None, workflow_inputs: dict[str, str] | None = None, **memory: object
) -> Situation:
    """The situation of a run that removes amber-1 and makes amber-2 the master."""
    inputs = {"host": "h-amber-1", "successor": "h-amber-2"} if workflow_inputs is None else workflow_inputs
    return Situation(facts=found or facts(), baseline=found or facts(), inputs=inputs, memory=memory)


def address(i: int) -> str:
    return f"127.10.1.{i}"


def _pool() -> PoolFacts:
    srs = (
        Sr(uuid="sr-hb", ref="OpaqueRef:sr-hb", name="nfs-hb", type="nfs", shared=True),
        Sr(uuid="sr-iscsi", ref="OpaqueRef:sr-iscsi", name="iscsi-1", type="lvmoiscsi", shared=True),
    )
    local = tuple(
        Sr(uuid=f"sr-{n}", ref=f"OpaqueRef:sr-{n}", name=f"local of {n}", type="ext", shared=False)
        for n in NAMES
    )
    shared_pbds = tuple(_pbd(n, sr.uuid) for n in NAMES for sr in srs)
    return PoolFacts(
        uuid="p-amber",
        ref="OpaqueRef:p-amber",
        name="amber",
        master="h-amber-1",
        ha=Ha(
            enabled=True,
            timeout_s=180,
            default_timeout_s=180,
            statefile_srs=("sr-hb",),
            failures_to_tolerate=1,
            configuration=(("timeout", "180"),),
        ),
        hosts=tuple(_host(i, n) for i, n in enumerate(NAMES, 1)),
        srs=srs + local,
        pbds=shared_pbds + tuple(_pbd(n, f"sr-{n}") for n in NAMES),
        vms=tuple(_vm(i) for i in range(1, 9)),
    )


def _host(i: int, name: str) -> Host:
    return Host(
        uuid=f"h-{name}",
        ref=f"OpaqueRef:h-{name}",
        name=name,
        address=address(i),
        enabled=True,
        live=True,
        version="8.2.1",
        is_master=i == 1,
        memory_total=256 * GIB,
        memory_free=128 * GIB,
    )


def _pbd(host: str, sr: str) -> Pbd:
    return Pbd(
        uuid=f"pbd-{host}-{sr}", ref=f"OpaqueRef:pbd-{host}-{sr}", host=f"h-{host}", sr=sr, attached=True
    )


def _vm(i: int) -> Vm:
    host = f"h-{NAMES[i % 4]}"
    return Vm(
        uuid=f"vm-{i}",
        ref=f"OpaqueRef:vm-{i}",
        name=f"i-2-{i}-VM",
        power_state="Running",
        host=host,
        memory=GIB,
    )


def _probe(i: int) -> Probe:
    return Probe(address=address(i), answers=True, master=address(1))


def _cloudstack() -> CloudStackFacts:
    hosts = (
        CsHost(
            id=f"cs-{n}", name=n, address=address(i), state="Up", resourcestate="Enabled", cluster="c-amber"
        )
        for i, n in enumerate(NAMES, 1)
    )
    return CloudStackFacts(
        version="4.20.1.0", cluster="c-amber", cluster_name="amber", zone="AMS-1", hosts=tuple(hosts)
    )
