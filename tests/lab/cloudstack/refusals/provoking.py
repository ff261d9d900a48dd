"""How CloudStack is provoked to refuse: small steps that the rows put together, each given a site to do it at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lab.cloudstack import login
from lab.cloudstack.api import receive
from lab.cloudstack.out_of_band import PASSWORD, USERNAME
from lab.cloudstack.signing import signature
from lab.cloudstack.state import ADMIN_KEYS, USER_KEYS
from lab.scenarios.build import add_local_disk
from tests.lab.cloudstack.conftest import Site

STRANGER = "127.10.4.1"
Provoke = Callable[[Site], object]


def asking(command: str, **params: str) -> Provoke:
    return lambda site: site.ask(command, **params)


def on_host(command: str, name: str, **params: str) -> Provoke:
    return lambda site: site.ask(command, id=site.row(name).id, **params)


def job_on_host(command: str, name: str, **params: str) -> Provoke:
    return lambda site: site.job(command, id=site.row(name).id, **params)


def on_cluster(command: str, name: str, **params: str) -> Provoke:
    return lambda site: site.ask(command, id=site.cluster(name).id, **params)


def after(*first: Provoke) -> Provoke:
    """Do all of them, of which only the last is refused."""

    def provoke(site: Site) -> None:
        for step in first:
            step(site)

    return provoke


def adding(**params: str) -> Provoke:
    def provoke(site: Site) -> object:
        where = {"zoneid": site.cloud.zone.id, "podid": site.cloud.pod.id, "hypervisor": "XenServer"}
        access = {"url": f"http://{STRANGER}", "username": "root", "password": "baton-lab"}
        named = {} if "clustername" in params else {"clusterid": site.cluster("amber").id}
        if params.get("clustername") == "amber":
            named = {"clusterid": site.cluster("amber").id}
        return site.ask("addHost", **(where | access | named | params))

    return provoke


def new_cluster(**params: str) -> Provoke:
    def provoke(site: Site) -> object:
        where = {"zoneid": site.cloud.zone.id, "podid": site.cloud.pod.id, "clustername": "new"}
        kind = {"hypervisor": "XenServer", "clustertype": "CloudManaged"}
        return site.ask("addCluster", **(where | kind | params))

    return provoke


def setting(name: str, value: str) -> Provoke:
    return lambda site: site.cloud.settings.put(name, value)


def host_state(name: str, state: str) -> Provoke:
    return lambda site: setattr(site.row(name), "resource_state", state)


def status(name: str, value: str) -> Provoke:
    return lambda site: setattr(site.row(name), "status", value)


def vm_state(name: str, state: str) -> Provoke:
    return lambda site: setattr(site.cloud.vms_on(site.row(name))[0], "state", state)


def local_disk(name: str) -> Provoke:
    def provoke(site: Site) -> None:
        host = site.world.host(name)
        host.resident[0].disks.append(add_local_disk(site.world, host))

    return provoke


def local_disk_of_first(name: str) -> Provoke:
    def provoke(site: Site) -> None:
        disk = add_local_disk(site.world, site.world.host(name))
        site.cloud.vms_on(site.row(name))[0].vm.disks.append(disk)

    return provoke


def xapi_running(site: Site) -> None:
    """XAPI says that the VM which CloudStack has as Stopped runs."""
    stopped = next(vm for vm in site.cloud.vms.values() if vm.state == "Stopped")
    stopped.vm.power_state = "Running"


def in_maintenance(name: str) -> Provoke:
    return after(
        job_on_host("prepareHostForMaintenance", name),
        lambda site: site.until(900, lambda: site.row(name).resource_state == "Maintenance"),
    )


def migrating(to: str, **params: str) -> Provoke:
    """Move a VM of amber-1 to the host, or without one when ``to`` is empty."""

    def provoke(site: Site) -> object:
        where = {"hostid": site.row(to).id} if to else {}
        vm = site.cloud.vms_on(site.row("amber-1"))[0]
        return site.job("migrateVirtualMachine", virtualmachineid=vm.id, **(where | params))

    return provoke


def out_of_band(command: str, **params: str) -> Provoke:
    return lambda site: site.job(command, hostid=site.row("basalt-3").id, **params)


def controller(**params: str) -> Provoke:
    told = {"driver": "ipmitool", "address": "127.20.2.3", "port": "623", "username": USERNAME}

    def provoke(site: Site) -> object:
        host = site.row("basalt-3").id
        return site.ask(
            "configureOutOfBandManagement", hostid=host, **(told | {"password": PASSWORD} | params)
        )

    return provoke


def watched(**params: str) -> Provoke:
    return after(controller(**params), out_of_band("enableOutOfBandManagementForHost"))


def storage(command: str) -> Provoke:
    def provoke(site: Site) -> object:
        pool = next(pool for pool in site.cloud.storage_pools.values() if pool.sr.shared)
        return site.job(command, id=pool.id)

    return provoke


def vm(command: str) -> Provoke:
    return lambda site: site.job(command, id=site.cloud.vms_on(site.row("amber-1"))[0].id)


def stopped_vm(command: str, *first: Provoke) -> Provoke:
    def provoke(site: Site) -> object:
        chosen = site.cloud.vms_on(site.row("amber-1"))[0]
        site.job("stopVirtualMachine", id=chosen.id)
        after(*first)(site)
        return site.job(command, id=chosen.id)

    return provoke


def as_user(command: str) -> Provoke:
    def provoke(site: Site) -> None:
        site.understand(site.reply_to(USER_KEYS, command))

    return provoke


def badly_signed(site: Site) -> None:
    site.understand(site.reply_to((USER_KEYS[0], "wrong"), "listZones"))


def changing_by_get(site: Site) -> None:
    end = datetime.now(UTC) + timedelta(minutes=5)
    wanted = {
        "command": "updateHost",
        "id": site.row("amber-1").id,
        "apikey": ADMIN_KEYS[0],
        "response": "json",
    }
    wanted |= {"signatureversion": "3", "expires": end.strftime("%Y-%m-%dT%H:%M:%S+0000")}
    wanted["signature"] = signature(wanted, ADMIN_KEYS[1])
    site.cloud.settings.put("enforce.post.requests.and.timestamps", "true")
    site.understand(receive(site.cloud, wanted).run().result)


def unknown_in_a_session(site: Site) -> None:
    asked = {"command": "listUnicorns", "response": "json"}
    site.understand(receive(site.cloud, asked, logged_in=site.cloud.users[0]).run().result)


def wrong_login(site: Site) -> None:
    form = {"command": "login", "username": "admin", "password": "wrong", "response": "json"}
    site.understand(login.answer(site.cloud, form, ""))


def three_calls(site: Site) -> None:
    for _call in range(3):
        site.ask("listZones")


def connecting(site: Site) -> None:
    site.start("addHost", **add_host_params(site))
    site.clock.step(5)


def add_host_params(site: Site) -> dict[str, str]:
    cluster = site.cloud.add_cluster("new")
    where = {"zoneid": site.cloud.zone.id, "podid": site.cloud.pod.id, "clusterid": cluster.id}
    return where | {
        "hypervisor": "XenServer",
        "url": f"http://{STRANGER}",
        "username": "root",
        "password": "baton-lab",
    }


def only_host(name: str) -> Provoke:
    def provoke(site: Site) -> None:
        for row in site.cloud.cluster_hosts(site.row(name).cluster):
            if row.name != name:
                site.ask("updateHost", id=row.id, allocationstate="Disable")

    return provoke


def full_pool(site: Site) -> None:
    for host in site.world.pool("amber").hosts:
        host.memory_total = host.memory_overhead


def delete_all_of_cobalt(site: Site) -> None:
    for row in site.cloud.cluster_hosts(site.cluster("cobalt")):
        site.ask("deleteHost", id=row.id, forced="true")


def keeps_up(site: Site) -> None:
    """Hosts of amber come up again as fast as they are let go."""
    site.world.on_tick(1, lambda: _up(site))


def _up(site: Site) -> None:
    for row in site.cloud.cluster_hosts(site.cluster("amber")):
        row.status = "Up"


def told_by_a_job(site: Site) -> object:
    return site.ask("queryAsyncJobResult", jobid="12345678-aaaa-bbbb-cccc-1234567890ab")
