"""What the pools app remembers."""

from pools.models.change import Change
from pools.models.cloudstack import CloudStack
from pools.models.exposure import Exposure
from pools.models.finding import Finding
from pools.models.moment import Moment
from pools.models.pool import Pool

__all__ = ["Change", "CloudStack", "Exposure", "Finding", "Moment", "Pool"]
