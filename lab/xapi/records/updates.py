"""The records of updates: pool_patch and host_patch up to 7.0, pool_update from 7.1 on."""

from __future__ import annotations

from dataclasses import dataclass

from lab.world.things import Host, Pool, Update
from lab.xapi import dialects
from lab.xapi.datamodel import ORDER
from lab.xapi.records.kind import Kind, View, derived, ref_of
from lab.xapi.values import EPOCH, Record

UPDATES_SINCE = ORDER["ely"]
SIZE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Applied:
    """A pool_patch on one host."""

    update: Update
    host: Host

    @property
    def uuid(self) -> str:
        return derived(self.update.uuid, int(self.host.uuid[24:], 16))

    @property
    def ref(self) -> str:
        return ref_of(self.uuid)


def applied_patches(view: View, host: Host) -> list[str]:
    """``host.patches``, empty since updates took their place."""
    return [one.ref for one in _host_patches(view.pool) if one.host is host]


def applied_updates(host: Host) -> list[str]:
    return [update.ref for update in host.pool.updates if host in update.hosts]


def _patches(pool: Pool) -> list[Update]:
    return pool.updates if dialects.release(pool) < UPDATES_SINCE else []


def _host_patches(pool: Pool) -> list[Applied]:
    return [Applied(update, host) for update in _patches(pool) for host in update.hosts]


def _updates(pool: Pool) -> list[Update]:
    return pool.updates if dialects.release(pool) >= UPDATES_SINCE else []


def patch(view: View, update: Update) -> Record:
    return {
        "uuid": update.uuid,
        "name_label": update.name,
        "version": update.version,
        "size": SIZE,
        "pool_applied": set(update.hosts) >= set(view.pool.hosts),
        "host_patches": [Applied(update, host).ref for host in update.hosts],
        "after_apply_guidance": update.guidances.copy(),
    }


def host_patch(view: View, one: Applied) -> Record:
    return {
        "uuid": one.uuid,
        "name_label": one.update.name,
        "version": one.update.version,
        "host": one.host.ref,
        "applied": True,
        "timestamp_applied": EPOCH,
        "size": SIZE,
        "pool_patch": one.update.ref,
    }


def update_record(view: View, update: Update) -> Record:
    return {
        "uuid": update.uuid,
        "name_label": update.name,
        "version": update.version,
        "installation_size": SIZE,
        "key": "update",
        "after_apply_guidance": update.guidances.copy(),
        "hosts": [host.ref for host in update.hosts],
        "enforce_homogeneity": update.enforce_homogeneity,
    }


PATCH = Kind("pool_patch", _patches, patch)
HOST_PATCH = Kind("host_patch", _host_patches, host_patch)
UPDATE = Kind("pool_update", _updates, update_record)
