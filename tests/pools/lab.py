"""The lab's pools as rows of the database, reached over real sockets."""

from __future__ import annotations

from lab.testing import RunningLab
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
