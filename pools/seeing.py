"""One look at a stored pool, and the case that the rules judge: shared by the watcher and by `manage.py look`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pools import collector, refusals
from pools.connect import cloudstack_endpoint, endpoint
from pools.drift import drift_from, drifted
from pools.exposing import exposed_since
from pools.facts import Facts, PoolFacts, Probe, Trouble
from pools.mapped import tie_of
from pools.models import Change, Pool
from pools.obligations import obligations_of
from pools.probing.known import Asked
from pools.rules.case import Case, Obligations
from pools.sparing import NOTHING, Spared, elsewhere
from pools.swept import Swept, with_swept
from pools.timeline import Entry, Source, entries

PREPARING = "PrepareForMaintenance"


@dataclass(frozen=True, slots=True)
class Said:
    """What a master told by itself, and what of it cannot be read."""

    pool: PoolFacts
    gaps: tuple[str, ...]


def look_at(
    pool: Pool,
    now: datetime,
    deadline_s: float,
    swept: Swept | None = None,
    spare: Spared = NOTHING,
) -> Facts:
    """What both captains say of the pool now; never longer than `deadline_s` seconds. CloudStack is not asked again
    for what a sweep has just told, and nobody who is to be spared."""
    way = endpoint(pool)
    facts = collector.look(
        replace(way, addresses=spare.order(way.addresses)),
        None if swept or spare.cloudstack else cloudstack_endpoint(pool),
        pool.cluster,
        now=now,
        deadline_s=deadline_s,
        asked=spare.asked,
        instead=spare.master,
    )
    return with_swept(_of_this_pool(pool, _with_spared(facts, spare)), swept)


def heard(
    pool: Pool, said: Said, now: datetime, deadline_s: float, swept: Swept | None, spare: Spared
) -> Facts:
    """The same with what its master has told by itself."""
    probes = _probes_beside(pool, said, spare.asked, deadline_s) if spare.asked else ()
    facts = Facts(at=now, pool=said.pool, probes=probes, gaps=said.gaps)
    cloudstack = None if swept or spare.cloudstack else cloudstack_endpoint(pool)
    if cloudstack:
        facts = collector.with_cluster(facts, cloudstack, pool.cluster, deadline_s=deadline_s)
    return with_swept(_of_this_pool(pool, _with_spared(facts, spare)), swept)


def _probes_beside(pool: Pool, said: Said, asked: Asked, deadline_s: float) -> tuple[Probe, ...]:
    """What was heard of the members. One that contradicts the master is asked again first: a dispute is no old news."""
    odd = asked.contradicting(said.pool)
    again = collector.ask_again(endpoint(pool), odd, asked, deadline_s=deadline_s) if odd else []
    now = {probe.address: probe for probe in again}
    return tuple(now.get(probe.address, probe) for probe in asked.beside(said.pool))


def _with_spared(facts: Facts, spare: Spared) -> Facts:
    return replace(facts, cloudstack_trouble=spare.cloudstack) if spare.cloudstack else facts


def case_of(pool: Pool, facts: Facts, now: datetime) -> Case:
    """Everything that the rules may know: these facts, and what was seen and promised before."""
    known = pool.last_good_facts()
    obligations = obligations_of(pool.pk)
    was, moved_at = master_before(pool, known, facts, obligations)
    happened = _happened(pool, known, facts)
    return Case(
        pool=pool.name,
        facts=facts,
        now=now,
        known=facts if facts.pool else known,
        good_at=facts.at if facts.pool else pool.good_at,
        policy=pool.policy(),
        obligations=obligations,
        ha_off_since=ha_off_since(pool, known, facts),
        master_was=was or None,
        master_moved_at=moved_at,
        preparing_since=_preparing_since(pool, facts),
        exposed_since=exposed_since(pool, facts),
        pool_pause=refusals.pause(pool),
        cloudstack_pause=refusals.pause(pool.cloudstack) if facts.cloudstack_trouble else None,
        elsewhere=elsewhere(pool, facts),
        happened=happened,
        drift=drifted(drift_from(pool.drift), happened, obligations.holder, facts.at),
        cluster_proof=_other_cluster(pool, facts),
    )


def _happened(pool: Pool, good: Facts | None, facts: Facts) -> tuple[Entry, ...]:
    """What is otherwise than what each captain said last, and when that was."""
    last = pool.last_facts()
    if last is None:
        return ()
    if good is not None:
        told = last if last.cloudstack else good
        last = replace(
            last,
            pool=last.pool or good.pool,
            cloudstack=told.cloudstack,
            cloudstack_at=told.cloudstack_seen_at,
        )
    said = {Source.XENSERVER: pool.good_at, Source.CLOUDSTACK: last.cloudstack_seen_at, Source.BATON: last.at}
    return tuple(replace(entry, not_before=said[entry.source]) for entry in entries(last, facts))


def master_before(
    pool: Pool, known: Facts | None, facts: Facts, obligations: Obligations
) -> tuple[str, datetime | None]:
    """The master before this one and when it changed; nothing when a run of ours held the pool meanwhile."""
    moved = facts.pool and known and known.pool and known.pool.master != facts.pool.master
    if not moved or not known or not known.pool:
        return pool.master_was, pool.master_moved_at
    if obligations.holder is not None:
        return "", None
    return known.pool.master, facts.at


def ha_off_since(pool: Pool, known: Facts | None, facts: Facts) -> datetime | None:
    """When HA was seen to go off; not known when it was off at the first look already."""
    if facts.pool is None:
        return pool.ha_off_since
    if facts.pool.ha.enabled:
        return None
    was_on = known is not None and known.pool is not None and known.pool.ha.enabled
    return facts.at if was_on else pool.ha_off_since


def _of_this_pool(pool: Pool, facts: Facts) -> Facts:
    """An ejected host answers at an old address, with the same password, as a pool of its own: not ours."""
    if facts.pool is None or not pool.uuid or facts.pool.uuid == pool.uuid:
        return facts
    says = (
        f"What answers is another pool ({facts.pool.name}, {facts.pool.uuid}), not {pool.name}: the address belongs to "
        "a host that left the pool. Give the pool the address of a host that is still in it."
    )
    return replace(
        facts, pool=None, pool_trouble=Trouble(code="another-pool", params=(facts.pool.uuid,), says=says)
    )


def _other_cluster(pool: Pool, facts: Facts) -> str:
    """Asked only where the cluster has none of the pool's hosts: then it may be the wrong one."""
    seen = facts.cloudstack
    if facts.pool is None or seen is None or any(seen.host_at(h.address) for h in facts.pool.hosts):
        return ""
    tied = tie_of(pool)
    return " ".join(tied.match.proof) if tied.contradicted else ""


def _preparing_since(pool: Pool, facts: Facts) -> dict[str, datetime]:
    hosts = facts.cloudstack.hosts if facts.cloudstack else ()
    preparing = [h.id for h in hosts if h.resourcestate == PREPARING]
    if not preparing:
        return {}
    began = Change.objects.filter(
        pool=pool, source=Source.CLOUDSTACK, kind="resourcestate", after=PREPARING, subject_uuid__in=preparing
    )
    return dict(began.order_by("at").values_list("subject_uuid", "at"))
