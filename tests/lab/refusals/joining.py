"""pool.join: every reason for which a host does not fit, in the order in which xapi asks (xapi_pool.ml)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.scenarios.build import add_sr, add_vm
from lab.world import GIB, Host, Pool, SteppedClock, Update, World, ha_switch
from lab.xapi import dialects
from tests.lab.inside import Inside
from tests.lab.refusals.rows import refuses

Change = Callable[[Host, Host], object]


def version(**changes: str) -> Change:
    return lambda host, master: host.software_version.update(changes)


def shared_storage(host: Host, master: Host) -> None:
    add_sr(World(SteppedClock(), seed=9), host.pool, "nfs-old", "nfs", GIB, [host])


def update(host: Host, master: Host) -> None:
    found = Update("OpaqueRef:update", "u", "XS82E001", enforce_homogeneity=True, hosts=[host])
    host.pool.updates.append(found)


def vlan(tag: int, *, management: bool) -> Change:
    def change(host: Host, master: Host) -> None:
        pif = next(pif for pif in host.pifs if pif.management is management)
        pif.vlan = tag

    return change


def running_vm(host: Host, master: Host) -> None:
    add_vm(World(SteppedClock(), seed=9), host, "billing", sr="Local storage")


def busy_vm(host: Host, master: Host) -> None:
    running_vm(host, master)
    vm = host.pool.vms[-1]
    vm.power_state, vm.resident_on, vm.current_operations = "Halted", None, {"t": "export"}


def old_features(host: Host, master: Host) -> None:
    for pool in (host.pool, master.pool):
        dialects.speak(pool, "6.2")
    host.cpu_features = "00000000-00000000-00000000-00000000"


def fewer_driver_features(host: Host, master: Host) -> None:
    for pool in (host.pool, master.pool):
        dialects.speak(pool, "current")
    host.pool.sms[0].features.pop("SR_PROBE")


def guidance(*, on_master: bool) -> Change:
    def change(host: Host, master: Host) -> None:
        for pool in (host.pool, master.pool):
            dialects.speak(pool, "current")
        (master if on_master else host).pending_guidances = ["reboot_host"]

    return change


def no_management(host: Host, master: Host) -> None:
    for pif in host.pifs:
        pif.management = False


def own_member(host: Host, master: Host) -> None:
    member = master.pool.hosts[1]
    master.pool.hosts.remove(member)
    host.pool.hosts.append(member)


def big_pool_without_licence(host: Host, master: Host) -> None:
    host.pool.restrictions["restrict_pool_size"] = "true"
    master.pool.hosts.append(master.pool.hosts[1])


def set_pool(name: str, value: Any, *, theirs: bool = False) -> Change:
    def change(host: Host, master: Host) -> None:
        pool: Pool = master.pool if theirs else host.pool
        setattr(pool, name, value)

    return change


def set_host(name: str, value: Any) -> Change:
    return lambda host, master: setattr(host, name, value)


def address_type(host: Host, master: Host) -> None:
    next(pif for pif in host.pifs if pif.management).primary_address_type = "IPv6"


REFUSALS: list[tuple[str, Change, list[str]]] = [
    ("a licence without pooling", lambda h, m: h.pool.restrictions.update(restrict_pooling="true"),
     ["LICENCE_RESTRICTION"]),
    ("a fourth host without the licence", big_pool_without_licence, ["LICENCE_RESTRICTION", "Pool_size"]),
    ("no management interface", no_management, ["HOST_STILL_BOOTING"]),
    ("HA on its own side", set_pool("ha_enabled", True), ["HA_IS_ENABLED"]),
    ("HA on the pool's side", set_pool("ha_enabled", True, theirs=True), ["HA_IS_ENABLED"]),
    ("members of its own", own_member, ["JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"]),
    ("a VM that runs", running_vm, ["JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"]),
    ("a VM with work under way", busy_vm, ["JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS"]),
    ("guidance pending on it", guidance(on_master=False), ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", "host"]),
    ("guidance pending on the master", guidance(on_master=True),
     ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", "master"]),
    ("another platform", version(platform_version="3.2.0"), ["HOSTS_NOT_COMPATIBLE"]),
    ("another brand", version(product_brand="XCP-ng"), ["HOSTS_NOT_COMPATIBLE"]),
    ("another xapi", version(xapi="1.19"), ["HOSTS_NOT_HOMOGENEOUS", "Software version differs"]),
    ("another CPU vendor", set_host("cpu_vendor", "AuthenticAMD"), ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"]),
    ("other CPU features before 7.0", old_features, ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"]),
    ("shared storage", shared_storage, ["JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS"]),
    ("a bond", set_host("special_networks", {"bonds"}), ["POOL_JOINING_HOST_HAS_BONDS"]),
    ("a tunnel", set_host("special_networks", {"tunnels"}), ["POOL_JOINING_HOST_HAS_TUNNELS"]),
    ("an SR-IOV network", set_host("special_networks", {"sriovs"}), ["POOL_JOINING_HOST_HAS_NETWORK_SRIOVS"]),
    ("a VLAN", vlan(7, management=False), ["POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS"]),
    ("another management VLAN", vlan(7, management=True),
     ["POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", "7", "-1"]),
    ("another directory", set_host("external_auth_type", "AD"), ["POOL_JOINING_EXTERNAL_AUTH_MISMATCH"]),
    ("another edition", set_host("edition", "free"),
     ["LICENSE_HOST_POOL_MISMATCH", 'host edition = "free"', 'pool edition = "enterprise-per-socket"']),
    ("another network backend", version(network_backend="bridge"),
     ["OPERATION_NOT_ALLOWED", "Network backends differ"]),
    ("another API version", set_host("api_version", (2, 14)),
     ["POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", "2.14", "2.15"]),
    ("another database schema", version(db_schema="5.602"),
     ["POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", "5.602", "5.603"]),
    ("an update of its own", update,
     ["HOSTS_NOT_HOMOGENEOUS", "Updates on local host birch-1 and pool host amber-1 differ"]),
    ("another address type", address_type, ["OPERATION_NOT_ALLOWED", "Primary address type differs"]),
    ("TLS verification on one side", set_pool("tls_verification", True),
     ["POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"]),
    ("updates being applied here", set_pool("current_operations", {"t": "apply_updates"}),
     ["NOT_SUPPORTED_DURING_UPGRADE"]),
    ("updates being applied there", set_pool("current_operations", {"t": "apply_updates"}, theirs=True),
     ["NOT_SUPPORTED_DURING_UPGRADE"]),
    ("drivers that can do less", fewer_driver_features, ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", "sm", "own sm"]),
]  # fmt: skip


def join(lab: Inside, at: str = "amber-1", password: str = "baton-lab") -> list[str]:
    """The answer to a host that would join amber, where HA is off now."""
    ha_switch.switch_off(lab.pool("amber"))
    return lab.refusal("birch-1", "pool.join", lab.host(at).address, "root", password)


def _register(when: str, change: Change, expected: list[str]) -> None:
    code, *params = expected
    names = ", ".join("text" if " " in param else param.strip("-") for param in params)

    @refuses("pool.join", f"{code}[{names}]" if params else code, when, "xapi_pool.ml", "strangers")
    def _(lab: Inside) -> list[str]:
        ha_switch.switch_off(lab.pool("amber"))
        change(lab.host("birch-1"), lab.host("amber-1"))
        return lab.refusal("birch-1", "pool.join", lab.host("amber-1").address, "root", "baton-lab")


for row in REFUSALS:
    _register(*row)


@refuses(
    "pool.join", "OPERATION_NOT_ALLOWED[text]", "it is asked to join itself", "xapi_pool.ml", "strangers"
)
def _(lab: Inside) -> list[str]:
    return join(lab, at="birch-1")


@refuses("pool.join", "HOST_IS_SLAVE[master]", "a member is asked", "xapi_session.ml", "strangers")
def _(lab: Inside) -> list[str]:
    return join(lab, at="amber-2")


@refuses(
    "pool.join",
    "SESSION_AUTHENTICATION_FAILED[user, text]",
    "a wrong password",
    "xapi_session.ml",
    "strangers",
)
def _(lab: Inside) -> list[str]:
    return join(lab, password="wrong")


@refuses("pool.join", "JOINING_HOST_CONNECTION_FAILED", "nobody answers there", "xapi_pool.ml", "strangers")
def _(lab: Inside) -> list[str]:
    return join(lab, at="birch-7")


@refuses(
    "pool.join", "INTERNAL_ERROR[…]", "the master is in emergency mode; its reason", "xapi.ml", "strangers"
)
def _(lab: Inside) -> list[str]:
    lab.host("amber-1").emergency = ["INTERNAL_ERROR", "Connection to the master failed"]
    return join(lab)
