"""An estate of any size in the database, as the watcher would have left it: mostly well, some of it in trouble."""

from __future__ import annotations

from datetime import datetime, timedelta

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.encoding import facts_to
from pools.facts import Facts, Ha, Host, PoolFacts, Vm
from pools.models import Change, Finding, Pool
from pools.summary import summary, summary_to
from pools.timeline import Source

HOSTS, GUESTS = 5, 40
ODD = 50
"""One pool in so many has a host in Alert."""


def make(number: int, at: datetime) -> list[Pool]:
    """That many pools, looked at at that moment, with their last changes and findings."""
    pools = Pool.objects.bulk_create([_pool(i, at) for i in range(number)], batch_size=100)
    Change.objects.bulk_create([_change(pool, at) for pool in pools], batch_size=500)
    Finding.objects.bulk_create(
        [_finding(pool, at) for i, pool in enumerate(pools) if _is_odd(i)], batch_size=500
    )
    return pools


def facts(i: int, at: datetime) -> Facts:
    """What a look at pool number `i` says."""
    hosts = tuple(_host(i, j) for j in range(1, HOSTS + 1))
    guests = tuple(_guest(i, k, hosts[k % HOSTS]) for k in range(GUESTS))
    ha = Ha(enabled=True, timeout_s=180, default_timeout_s=180)
    pool = PoolFacts(
        uuid=f"uuid-{i}",
        ref=f"OpaqueRef:{i}",
        name=_name(i),
        master=hosts[0].uuid,
        ha=ha,
        hosts=hosts,
        vms=guests,
    )
    seen = CloudStackFacts(
        version="4.20.1.0",
        cluster=f"cluster-{i}",
        cluster_name=_name(i),
        zone=f"AMS-{i % 4 + 1}",
        hosts=tuple(_in_cloudstack(h) for h in hosts),
    )
    found = Facts(at=at, pool=pool, cloudstack=seen)
    return found.with_cs_host(f"cs-{hosts[1].name}", state="Alert") if _is_odd(i) else found


def _pool(i: int, at: datetime) -> Pool:
    seen = facts(i, at)
    plain = facts_to(seen)
    return Pool(
        name=_name(i),
        uuid=f"uuid-{i}",
        zone=f"AMS-{i % 4 + 1}",
        addresses=[f"10.{i // 250}.{i % 250}.{j}" for j in range(1, HOSTS + 1)],
        password="never-used-here",  # noqa: S106 - nobody is asked with it
        facts=plain,
        good_facts=plain,
        summary=summary_to(summary(seen, seen)),
        looked_at=at,
        good_at=at,
        next_look_at=at + timedelta(days=1),
        worst="critical" if _is_odd(i) else "",
    )


def _is_odd(i: int) -> bool:
    return i % ODD == ODD - 1


def _name(i: int) -> str:
    return f"pool-{i:04}"


def _host(i: int, j: int) -> Host:
    name = f"{_name(i)}-{j}"
    address = f"10.{i // 250}.{i % 250}.{j}"
    return Host(
        uuid=f"h-{name}",
        ref=f"OpaqueRef:{name}",
        name=name,
        address=address,
        enabled=True,
        live=True,
        version="8.2.1",
    )


def _guest(i: int, k: int, host: Host) -> Vm:
    return Vm(
        uuid=f"vm-{i}-{k}",
        ref=f"OpaqueRef:vm-{i}-{k}",
        name=f"i-{i}-{k}-VM",
        power_state="Running",
        host=host.uuid,
    )


def _in_cloudstack(host: Host) -> CsHost:
    return CsHost(
        id=f"cs-{host.name}", name=host.name, address=host.address, state="Up", resourcestate="Enabled"
    )


def _change(pool: Pool, at: datetime) -> Change:
    says = f"{pool.name}-1 is the master now; before, it was {pool.name}-2."
    when = at - timedelta(days=3)
    return Change(
        pool=pool, at=when, source=Source.XENSERVER.value, kind="master", subject=pool.name, says=says
    )


def _finding(pool: Pool, at: datetime) -> Finding:
    host = f"{pool.name}-2"
    return Finding(
        pool=pool,
        code="cloudstack-alert",
        severity="critical",
        subject_kind="host",
        subject_name=host,
        subject_uuid=f"h-{host}",
        says=f"CloudStack shows {host} in Alert.",
        means="CloudStack starts nothing on that host.",
        remedy="reenable-host",
        since=at - timedelta(hours=1),
        seen_at=at,
    )
