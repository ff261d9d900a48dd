"""Adding a pool."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from pools.adding.clusters import Match, match_cluster
from pools.adding.wording import check_address, check_name, is_ip
from pools.adding.wrong import Wrong, blaming
from pools.ask_xenserver import ask_pool
from pools.clients.certificates import members_pins
from pools.clients.master import open_session
from pools.clients.trust import Trust
from pools.clients.wire import Deadline
from pools.clients.xapi import Endpoint
from pools.facts import PoolFacts
from pools.models import CloudStack, Pool
from pools.secret import Secret

CHECK_S = 20.0
FIELDS = {
    "login-refused": "password",
    "unknown-name": "addresses",
    "no-route": "addresses",
    "timeout": "addresses",
    "": "port",
}
"""Which field a client's error speaks of; the port is to blame for the rest."""


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """What a person says about a pool. Of `addresses` one has to answer; each must be a member's."""

    name: str
    addresses: tuple[str, ...]
    port: int
    user: str
    password: Secret
    trust: Trust = field(default_factory=Trust)
    cloudstack: CloudStack | None = None
    cluster: str = ""


@dataclass(frozen=True, kw_only=True)
class FoundPool:
    """What was found there. `notes` are worth saying, although nothing is wrong."""

    facts: PoolFacts
    master: str
    pins: frozenset[str]
    match: Match | None
    notes: tuple[str, ...]


def check_pool(spec: PoolSpec) -> FoundPool:
    """Look at the pool and its cluster as if it were added. Raises Wrong; stores nothing."""
    check_name(spec.name)
    for address in spec.addresses:
        check_address(address)
    if Pool.objects.filter(name=spec.name).exists():
        raise Wrong("name", f"There is a pool named {spec.name} already. Choose another name for this one.")
    if (spec.cloudstack is None) != (not spec.cluster):
        raise Wrong(
            "cluster", "A CloudStack and the name of its cluster belong together: give both, or neither."
        )
    facts, master, pins = _look(spec)
    known = Pool.objects.filter(uuid=facts.uuid).first()
    if known:
        says = f"This pool is known already, as {known.name}: {master} is its master. It need not be added again."
        raise Wrong("addresses", says)
    _only_members(spec, facts)
    match = match_cluster(spec.cloudstack, spec.cluster, facts) if spec.cloudstack else None
    notes = (*_followed(spec, master), *(match.notes if match else ()))
    return FoundPool(facts=facts, master=master, pins=pins, match=match, notes=notes)


def _look(spec: PoolSpec) -> tuple[PoolFacts, str, frozenset[str]]:
    endpoint = Endpoint(spec.addresses, spec.port, spec.user, spec.password, spec.trust)
    with blaming(FIELDS), open_session(endpoint, deadline=Deadline(CHECK_S)) as xapi:
        facts, _gaps = ask_pool(xapi, timezone.now())
        learned = members_pins(xapi).values() if spec.trust.pins else ()
        return facts, xapi.address, xapi.trust.pins | frozenset(learned)


def _only_members(spec: PoolSpec, facts: PoolFacts) -> None:
    members = {h.address for h in facts.hosts}
    for address in spec.addresses:
        if is_ip(address) and address not in members:
            says = (
                f"{address} is not a member of the pool {facts.name}, whose members are "
                f"{', '.join(sorted(members))}. Leave it out, or add its own pool under another name."
            )
            raise Wrong("addresses", says)


def _followed(spec: PoolSpec, master: str) -> tuple[str, ...]:
    if master in spec.addresses:
        return ()
    asked = ", ".join(spec.addresses)
    return (f"{asked} named {master} as the pool's master, which was asked then. Both addresses are kept.",)


def store_pool(spec: PoolSpec, found: FoundPool) -> Pool:
    """Remember it. Raises Wrong when somebody else was quicker."""
    members = [h.address for h in found.facts.hosts]
    pool = Pool(
        name=spec.name,
        uuid=found.facts.uuid,
        zone=found.match.zone if found.match else "",
        addresses=list(dict.fromkeys([found.master, *spec.addresses, *members])),
        port=spec.port,
        user=spec.user,
        password=spec.password,
        pins=sorted(found.pins),
        ca=spec.trust.ca,
        plain_http=spec.trust.plain,
        cloudstack=spec.cloudstack,
        cluster=spec.cluster,
    )
    try:
        with transaction.atomic():
            pool.save(force_insert=True)
    except IntegrityError:
        says = f"Somebody has just added this pool, or another one named {spec.name}. Look at the overview."
        raise Wrong("name", says) from None
    return pool


def vouched(spec: PoolSpec, fingerprint: str) -> PoolSpec:
    """The same, trusting one more certificate, which a person has compared."""
    return replace(spec, trust=Trust(spec.trust.pins | {fingerprint}))
