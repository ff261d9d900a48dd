"""The lab's pools as rows of the database, reached over real sockets."""

from __future__ import annotations

from lab.testing import RunningLab
from lab.world import World
from lab.world.mastery import believe_in
from pools.models import CloudStack, Pool
from pools.secret import Secret


def cloudstack_of(lab: RunningLab, **fields: object) -> CloudStack:
    """The lab's CloudStack, with the keys of its admin."""
    values = {
        "name": "lab",
        "url": lab.cloudstack_url,
        "api_key": Secret(lab.api_key),
        "secret_key": Secret(lab.secret_key),
    }
    return CloudStack.objects.create(**{**values, **fields})


def pool_of(lab: RunningLab, name: str, /, **fields: object) -> Pool:
    """A pool of the lab with all its members' certificates pinned; `cloudstack=None` for one without."""
    hosts = lab.world.pool(name).hosts
    values = {
        "name": name,
        "addresses": [h.address for h in hosts],
        "port": lab.port,
        "user": lab.user,
        "password": Secret(lab.password),
        "pins": [] if fields.get("plain_http") else [lab.fingerprint(h.name) for h in hosts],
        "cluster": name,
    }
    return Pool.objects.create(**{**values, **fields})


def all_set_right(world: World) -> None:
    """Every host on, and every pool led by its first member, whatever a test has broken."""
    for host in world.hosts:
        host.power, host.toolstack, host.enabled = "on", "running", True
    for pool in world.pools:
        pool.master = pool.hosts[0]
        believe_in(pool.hosts, pool.master)
