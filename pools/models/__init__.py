"""What the pools app remembers."""

from pools.models.cloudstack import CloudStack
from pools.models.pool import Pool

__all__ = ["CloudStack", "Pool"]
