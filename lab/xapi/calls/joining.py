"""pool.join and join_force: what makes a host fit, in the order in which xapi asks (xapi_pool.ml, pre_join_checks).

Names, addresses and clocks are not among the questions: two hosts may bear one name, and a clock that differs only
raises HOST_CLOCK_SKEW_DETECTED once the host is a member.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.world import pooling
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.releases import at_least
from lab.world.things import PIF, Host
from lab.xapi.registry import CONTACT_TIMEOUT_SECONDS, Context, message

JOIN_SECONDS = 40.0
FUSE_SECONDS = 5.0  # xapi answers, then restarts as a member
RESTRICTED_POOL_SIZE = 3
WRONG_PASSWORD_SECONDS = 5.0


@message("pool.join", "string", "string", "string")
def join(ctx: Context, master_address: str, user: str, password: str) -> Steps:
    """Called on the host that joins. It answers, then the host restarts its toolstack as a member; no reboot."""
    return (yield from _join(ctx, master_address, user, password, force=False))


@message("pool.join_force", "string", "string", "string")
def join_force(ctx: Context, master_address: str, user: str, password: str) -> Steps:
    """As join, without asking whether software and CPUs are the same."""
    return (yield from _join(ctx, master_address, user, password, force=True))


def _join(ctx: Context, address: str, user: str, password: str, *, force: bool) -> Steps:
    if ctx.pool.restrictions.get("restrict_pooling") == "true":
        raise Refusal("LICENCE_RESTRICTION")
    master = yield from _log_in(ctx, address, user, password)
    assert_may_join(ctx.host, master, force=force)
    yield JOIN_SECONDS
    world, host = ctx.world, ctx.host
    world.after(FUSE_SECONDS, lambda: pooling.take_in(world, host, master.pool))


def _log_in(ctx: Context, address: str, user: str, password: str) -> Steps:
    """The joining host logs in to the master; what that answers is the caller's answer."""
    master = ctx.world.host_at(address)
    if master is None or not ctx.world.connects(ctx.host, master):
        yield CONTACT_TIMEOUT_SECONDS
        raise Refusal("JOINING_HOST_CONNECTION_FAILED")
    if master.emergency is not None:
        raise Refusal(*master.emergency)
    if not master.is_master:
        raise Refusal("HOST_IS_SLAVE", master.master_address)
    if user != "root" or password != master.root_password:
        yield WRONG_PASSWORD_SECONDS
        raise Refusal("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
    return master


def assert_may_join(host: Host, master: Host, *, force: bool) -> None:
    """All questions in xapi's order; the first that finds something is the refusal."""
    for question in QUESTIONS:
        if not (force and question is homogeneous):
            question(host, master)


def pool_size(host: Host, master: Host) -> None:
    restricted = host.pool.restrictions.get("restrict_pool_size") == "true"
    if restricted and len(master.pool.hosts) >= RESTRICTED_POOL_SIZE:
        raise Refusal("LICENCE_RESTRICTION", "Pool_size")


def management_interface(host: Host, master: Host) -> None:
    if _management(host) is None:
        raise Refusal("HOST_STILL_BOOTING")


def high_availability(host: Host, master: Host) -> None:
    if host.pool.ha_enabled or master.pool.ha_enabled:
        raise Refusal("HA_IS_ENABLED")


def not_itself(host: Host, master: Host) -> None:
    if host is master:
        alone = len(host.pool.hosts) == 1
        why = "Host cannot become slave of itself" if alone else "Host is already part of a pool"
        raise Refusal("OPERATION_NOT_ALLOWED", why)


def no_other_hosts(host: Host, master: Host) -> None:
    if len(host.pool.hosts) > 1:
        raise Refusal("JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS")


def no_running_vms(host: Host, master: Host) -> None:
    """A suspended VM may come along; a running one may not, nor one with an operation under way."""
    guests = [vm for vm in host.pool.vms if not vm.is_control_domain]
    if any(vm.power_state == "Running" for vm in guests):
        raise Refusal("JOINING_HOST_CANNOT_HAVE_RUNNING_VMS")
    if any(vm.current_operations for vm in guests):
        raise Refusal("JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS")


def no_mandatory_guidance(host: Host, master: Host) -> None:
    for one in (host, master):
        if at_least(one, (8, 3)) and one.pending_guidances:
            raise Refusal("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", one.ref)


def compatible(host: Host, master: Host) -> None:
    if _platform(host) != _platform(master):
        raise Refusal("HOSTS_NOT_COMPATIBLE")


def _platform(host: Host) -> tuple[str | None, str | None]:
    return host.software_version.get("platform_version"), _brand(host)


def _brand(host: Host) -> str | None:
    """XenServer and XCP are told apart by the brand, where there is none by the platform's name."""
    return host.software_version.get("product_brand") or host.software_version.get("platform_name")


def homogeneous(host: Host, master: Host) -> None:
    """Software and CPUs; before 7.0 also the CPUs' features. join_force leaves this out."""
    if _software(host) != _software(master):
        raise Refusal("HOSTS_NOT_HOMOGENEOUS", "Software version differs")
    same = host.cpu_vendor == master.cpu_vendor
    if not at_least(host, (7, 0)):
        same = same and host.cpu_features == master.cpu_features
    if not same:
        raise Refusal("HOSTS_NOT_HOMOGENEOUS", "CPUs differ")


def _software(host: Host) -> tuple[str | None, ...]:
    version = host.software_version
    return version.get("xapi"), _brand(host), version.get("git_id"), version.get("xs:linux")


def no_shared_storage(host: Host, master: Host) -> None:
    if any(sr.shared and not sr.is_tools_sr for sr in host.pool.srs):
        raise Refusal("JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS")


def plain_network(host: Host, master: Host) -> None:
    for special, code in SPECIAL_NETWORKS.items():
        if special in host.special_networks:
            raise Refusal(code)
    if any(pif.vlan >= 0 and not pif.management for pif in host.pifs):
        raise Refusal("POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS")


SPECIAL_NETWORKS = {
    "bonds": "POOL_JOINING_HOST_HAS_BONDS",
    "tunnels": "POOL_JOINING_HOST_HAS_TUNNELS",
    "sriovs": "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS",
}


def management_vlan(host: Host, master: Host) -> None:
    mine, theirs = _management(host), _management(master)
    if mine is not None and theirs is not None and mine.vlan != theirs.vlan:
        raise Refusal("POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", mine.vlan, theirs.vlan)


def _management(host: Host) -> PIF | None:
    return next((pif for pif in host.pifs if pif.management), None)


def external_authentication(host: Host, master: Host) -> None:
    def of(one: Host) -> tuple[str, str]:
        return one.external_auth_type, one.external_auth_service_name.lower()

    if of(host) != of(master):
        raise Refusal("POOL_JOINING_EXTERNAL_AUTH_MISMATCH")


def edition(host: Host, master: Host) -> None:
    """The pool has the least edition among its hosts'."""
    editions = [peer.edition for peer in master.pool.hosts]
    if any(host.edition != other for other in editions):
        lowest = min(editions, key=_rank)
        if _rank(lowest) != _rank(host.edition):
            texts = f'host edition = "{host.edition}"', f'pool edition = "{lowest}"'
            raise Refusal("LICENSE_HOST_POOL_MISMATCH", *texts)


def _rank(name: str) -> int:
    """The order of the editions that v6d knows; one it does not know ranks lowest."""
    known = ("free", "express", "per-socket", "standard-per-socket", "enterprise-per-socket", "premium")
    return known.index(name) if name in known else -1


def network_backend(host: Host, master: Host) -> None:
    mine, theirs = (one.software_version.get("network_backend", "bridge") for one in (host, master))
    if mine != theirs:
        raise Refusal("OPERATION_NOT_ALLOWED", "Network backends differ")


def api_version(host: Host, master: Host) -> None:
    mine, theirs = (f"{one.api_version[0]}.{one.api_version[1]}" for one in (host, master))
    if mine != theirs:
        raise Refusal("POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", mine, theirs)


def database_schema(host: Host, master: Host) -> None:
    mine, theirs = (one.software_version.get("db_schema", "") for one in (host, master))
    if mine != theirs:
        raise Refusal("POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", mine, theirs)


def updates(host: Host, master: Host) -> None:
    def of(one: Host) -> set[str]:
        return {u.uuid for u in one.pool.updates if u.enforce_homogeneity and one in u.hosts}

    if of(host) != of(master):
        names = f"Updates on local host {host.name} and pool host {master.name} differ"
        raise Refusal("HOSTS_NOT_HOMOGENEOUS", names)


def address_type(host: Host, master: Host) -> None:
    mine, theirs = _management(host), _management(master)
    if mine and theirs and mine.primary_address_type != theirs.primary_address_type:
        raise Refusal("OPERATION_NOT_ALLOWED", "Primary address type differs")


def tls_verification(host: Host, master: Host) -> None:
    if host.pool.tls_verification != master.pool.tls_verification:
        raise Refusal("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH")


def not_updating(host: Host, master: Host) -> None:
    for pool in (host.pool, master.pool):
        if "apply_updates" in pool.current_operations.values():
            raise Refusal("NOT_SUPPORTED_DURING_UPGRADE")


def storage_drivers(host: Host, master: Host) -> None:
    """From 24 on: whatever the pool's drivers can do the joining host's must be able to do too."""
    if not at_least(host, (8, 4)):
        return
    mine = {sm.type: sm for sm in host.pool.sms}
    for theirs in master.pool.sms:
        own = mine.get(theirs.type)
        if own is None or not theirs.features.keys() <= own.features.keys():
            raise Refusal("POOL_JOINING_SM_FEATURES_INCOMPATIBLE", theirs.ref, own.ref if own else "")


QUESTIONS: tuple[Callable[[Host, Host], None], ...] = (
    pool_size,
    management_interface,
    high_availability,
    not_itself,
    no_other_hosts,
    no_running_vms,
    no_mandatory_guidance,
    compatible,
    homogeneous,
    no_shared_storage,
    plain_network,
    management_vlan,
    external_authentication,
    edition,
    network_backend,
    api_version,
    database_schema,
    updates,
    address_type,
    tls_verification,
    not_updating,
    storage_drivers,
)
