"""Adding a pool or a CloudStack: everything is looked at live first, and stored in one transaction or not at all."""

from pools.adding.cloudstacks import CloudStackSpec, check_cloudstack, store_cloudstack
from pools.adding.pools import PoolSpec, check_pool, store_pool
from pools.adding.wrong import Wrong

__all__ = [
    "CloudStackSpec",
    "PoolSpec",
    "Wrong",
    "check_cloudstack",
    "check_pool",
    "store_cloudstack",
    "store_pool",
]
