"""What the pools app remembers."""

from pools.models.change import Change
from pools.models.cloudstack import CloudStack
from pools.models.exposure import Exposure
from pools.models.finding import Finding
from pools.models.listener import Listener
from pools.models.moment import Moment
from pools.models.pool import Pool
from pools.models.probing import Probing
from pools.models.refusal import Refusal
from pools.models.sweep import Cluster, Sweep

__all__ = [
    "Change",
    "CloudStack",
    "Cluster",
    "Exposure",
    "Finding",
    "Listener",
    "Moment",
    "Pool",
    "Probing",
    "Refusal",
    "Sweep",
]
