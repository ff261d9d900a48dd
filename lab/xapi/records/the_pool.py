"""The record of a pool."""

from __future__ import annotations

from lab.world import NULL
from lab.world.things import Pool
from lab.xapi.records.kind import Kind, View
from lab.xapi.values import Record


def allowed_operations(pool: Pool) -> list[str]:
    """Operations that would not be refused now for a reason the pool knows (xapi_pool_helpers.ml)."""
    if pool.current_operations:
        return []
    if pool.ha_enabled:
        return ["ha_disable"]
    return ["ha_enable", "cluster_create", "designate_new_master"]


def live(view: View, pool: Pool) -> Record:
    default_sr = pool.default_sr.ref if pool.default_sr else NULL
    return {
        "uuid": pool.uuid,
        "name_label": pool.name,
        "name_description": pool.name_description,
        "master": pool.master.ref if pool.master else NULL,
        "default_SR": default_sr,
        "suspend_image_SR": default_sr,
        "crash_dump_SR": default_sr,
        "other_config": pool.other_config.copy(),
        "ha_enabled": pool.ha_enabled,
        "ha_configuration": pool.ha_configuration.copy(),
        "ha_statefiles": pool.ha_statefiles.copy(),
        "ha_host_failures_to_tolerate": pool.ha_host_failures_to_tolerate,
        "ha_plan_exists_for": pool.ha_plan_exists_for,
        "ha_allow_overcommit": pool.ha_allow_overcommit,
        "ha_overcommitted": pool.ha_overcommitted,
        "ha_cluster_stack": "xhad",
        "allowed_operations": allowed_operations(pool),
        "current_operations": pool.current_operations.copy(),
        "restrictions": pool.restrictions.copy(),
        "redo_log_enabled": pool.redo_log_enabled,
        "redo_log_vdi": pool.redo_log_vdi.ref if pool.redo_log_vdi else NULL,
        "tls_verification_enabled": pool.tls_verification,
        "cpu_info": _cpu_info(pool),
    }


def _cpu_info(pool: Pool) -> Record:
    host = pool.master or pool.hosts[0]
    count = sum(one.cpu_count for one in pool.hosts)
    return {
        "cpu_count": str(count),
        "socket_count": str(2 * len(pool.hosts)),
        "vendor": host.cpu_vendor,
        "features": host.cpu_features,
    }


POOL = Kind(
    "pool",
    lambda pool: [pool],
    live,
    writes={
        "name_label": "name",
        "name_description": "name_description",
        "other_config": "other_config",
        "default_SR": "default_sr",
        "ha_allow_overcommit": "ha_allow_overcommit",
    },
)
