"""From what is remembered to what the clients need."""

from __future__ import annotations

from pools.clients.cloudstack import CloudStackEndpoint
from pools.clients.trust import Trust
from pools.clients.xapi import Endpoint
from pools.models import CloudStack, Pool


def endpoint(pool: Pool) -> Endpoint:
    """How to reach a pool: the last known master first, then its other members, then what was typed in."""
    good = pool.last_good_facts()
    seen = good.pool.hosts if good and good.pool else ()
    known = [h.address for h in sorted(seen, key=lambda h: not h.is_master)]
    # Once the members were seen, an address of a host that has left is no way in any more: it may lead another pool.
    addresses = known or pool.addresses
    return Endpoint(
        addresses=tuple(dict.fromkeys(addresses)),
        port=pool.port,
        user=pool.user,
        password=pool.password,
        trust=Trust(frozenset(pool.pins), pool.ca, pool.plain_http),
    )


def cloudstack_endpoint(pool: Pool) -> CloudStackEndpoint | None:
    """How to reach the pool's CloudStack, or None where it has none."""
    return endpoint_of_cloudstack(pool.cloudstack) if pool.cloudstack else None


def endpoint_of_cloudstack(cloudstack: CloudStack) -> CloudStackEndpoint:
    """How to reach a CloudStack."""
    return CloudStackEndpoint(
        url=cloudstack.url,
        api_key=cloudstack.api_key,
        secret_key=cloudstack.secret_key,
        trust=Trust(frozenset(cloudstack.pins), cloudstack.ca),
    )
