"""The record of a pool."""

from __future__ import annotations

from lab.world import NULL, World
from lab.world.things import Pool
from lab.xapi.records.kind import Kind, attribute
from lab.xapi.values import Record


def allowed_operations(pool: Pool) -> list[str]:
    """Operations that would not be refused now for a reason the pool knows (xapi_pool_helpers.ml)."""
    if pool.current_operations:
        return []
    return ["ha_disable" if pool.ha_enabled else "ha_enable", "cluster_create", "designate_new_master"]


def record(world: World, pool: Pool) -> Record:
    return {
        "uuid": pool.uuid,
        "name_label": pool.name,
        "name_description": pool.name_description,
        "master": pool.master.ref if pool.master else NULL,
        "default_SR": pool.default_sr.ref if pool.default_sr else NULL,
        "suspend_image_SR": pool.default_sr.ref if pool.default_sr else NULL,
        "crash_dump_SR": pool.default_sr.ref if pool.default_sr else NULL,
        "other_config": dict(pool.other_config),
        "ha_enabled": pool.ha_enabled,
        "ha_configuration": dict(pool.ha_configuration),
        "ha_statefiles": list(pool.ha_statefiles),
        "ha_host_failures_to_tolerate": pool.ha_host_failures_to_tolerate,
        "ha_plan_exists_for": pool.ha_plan_exists_for,
        "ha_allow_overcommit": pool.ha_allow_overcommit,
        "ha_overcommitted": pool.ha_overcommitted,
        "ha_cluster_stack": "xhad",
        "allowed_operations": allowed_operations(pool),
        "current_operations": dict(pool.current_operations),
        "restrictions": dict(pool.restrictions),
        "redo_log_enabled": pool.ha_enabled,
        "redo_log_vdi": _redo_log(pool),
        **_never_used(),
    }


def _redo_log(pool: Pool) -> str:
    vdis = (vdi.ref for vdi in pool.vdis if vdi.type == "redo_log") if pool.ha_enabled else iter(())
    return next(vdis, NULL)


def _never_used() -> Record:
    """Fields that keep their defaults in the lab."""
    return {
        "blobs": {},
        "tags": [],
        "gui_config": {},
        "health_check_config": {},
        "wlb_url": "",
        "wlb_username": "",
        "wlb_enabled": False,
        "wlb_verify_cert": False,
        "vswitch_controller": "",
        "metadata_VDIs": [],
        "guest_agent_config": {},
        "cpu_info": {"cpu_count": "32", "socket_count": "2", "vendor": "GenuineIntel"},
        "policy_no_vendor_device": False,
        "live_patching_disabled": False,
        "igmp_snooping_enabled": False,
        "uefi_certificates": "",
        "is_psr_pending": False,
    }


POOL = Kind(
    "pool",
    lambda pool: [pool],
    record,
    setters={
        "name_label": ("string", attribute("name")),
        "name_description": ("string", attribute("name_description")),
        "other_config": ("map", attribute("other_config")),
        "default_SR": ("SR", attribute("default_sr")),
        "ha_allow_overcommit": ("bool", attribute("ha_allow_overcommit")),
    },
    maps={"other_config": "other_config"},
)
