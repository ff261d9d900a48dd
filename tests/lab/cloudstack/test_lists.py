"""What the list commands show of the estate."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lab.scenarios.build import add_vm
from lab.world import World
from tests.lab.cloudstack.conftest import Refused, Site


def test_the_estate_starts_with_cobalt_2_in_alert_and_everything_else_up(site: Site) -> None:
    hosts = site.ask("listHosts", type="Routing")["host"]
    unwell = [(h["name"], h["state"], h["resourcestate"]) for h in hosts if h["state"] != "Up"]
    assert len(hosts) == 12
    assert unwell == [("cobalt-2", "Alert", "Enabled")]


def test_it_stays_so_while_nobody_does_anything(site: Site) -> None:
    before = [site.state(row.name) for row in site.cloud.hosts.values()]
    site.clock.step(4 * 3600)
    assert [site.state(row.name) for row in site.cloud.hosts.values()] == before


def test_a_host_in_alert_has_no_management_server_but_a_time_it_was_lost(site: Site) -> None:
    well, ill = site.host("amber-1"), site.host("cobalt-2")
    assert "managementserverid" in well
    assert "disconnected" not in well
    assert "managementserverid" not in ill
    assert "disconnected" in ill


def test_disconnected_stays_set_when_the_host_is_up_again(site: Site) -> None:
    site.world.host("cobalt-2").enabled = True
    site.until(300, lambda: site.row("cobalt-2").status == "Up")
    assert "disconnected" in site.host("cobalt-2")


def test_last_pinged_is_printed_a_thousand_and_twenty_four_times_too_small(site: Site) -> None:
    pinged = datetime.strptime(site.host("amber-1")["lastpinged"], "%Y-%m-%dT%H:%M:%S%z")
    assert pinged.year == 1970
    assert abs(pinged.timestamp() * 1024 - site.clock.now()) < 2048
    assert pinged.tzinfo == UTC


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"name": "amber-2"}, ["amber-2"]),
        ({"state": "Alert"}, ["cobalt-2"]),
        ({"keyword": "-5"}, ["basalt-5"]),
        ({"resourcestate": "Maintenance"}, []),
        ({"hypervisor": "KVM"}, []),
    ],
)
def test_hosts_can_be_filtered(site: Site, filters: dict[str, str], names: list[str]) -> None:
    assert [host["name"] for host in site.ask("listHosts", **filters).get("host", [])] == names


def test_hosts_can_be_filtered_by_cluster(site: Site) -> None:
    hosts = site.ask("listHosts", clusterid=site.cluster("cobalt").id)["host"]
    assert [host["name"] for host in hosts] == ["cobalt-1", "cobalt-2", "cobalt-3"]


def test_details_decide_how_much_is_told(site: Site) -> None:
    slim = site.ask("listHosts", name="amber-1", details="min")["host"][0]
    events = site.ask("listHosts", name="amber-1", details="min,events")["host"][0]
    everything = site.host("amber-1")
    assert "memorytotal" not in slim
    assert "clustername" not in slim
    assert set(events) - set(slim) == {"events"}
    assert everything["hypervisorversion"] == "8.2.1"


def test_no_cluster_tells_its_pools_uuid(site: Site) -> None:
    pool = site.world.pool("amber")
    assert pool.uuid not in str(site.ask("listClusters"))


def test_an_admin_sees_all_instances_with_listall_only(site: Site) -> None:
    assert site.ask("listVirtualMachines") == {}
    assert site.ask("listVirtualMachines", listall="true")["count"] == 60


def test_instances_are_listed_by_the_host_they_run_on(site: Site) -> None:
    row = site.row("amber-1")
    vms = site.ask("listVirtualMachines", listall="true", hostid=row.id)["virtualmachine"]
    assert {vm["instancename"] for vm in vms} == {vm.name for vm in site.world.host("amber-1").resident}
    assert {vm["hostname"] for vm in vms} == {"amber-1"}


def test_routers_and_system_vms_are_listed_apart() -> None:
    def add(world: World) -> None:
        for name in ("r-4-VM", "s-1-VM", "v-2-VM"):
            add_vm(world, world.host("amber-1"), name)

    site = Site(prepare=add)
    assert [router["name"] for router in site.ask("listRouters", listall="true")["router"]] == ["r-4-VM"]
    kinds = {vm["name"]: vm["systemvmtype"] for vm in site.ask("listSystemVms")["systemvm"]}
    assert kinds == {"s-1-VM": "secondarystoragevm", "v-2-VM": "consoleproxy"}


def test_a_local_storage_pool_belongs_to_its_host_and_a_shared_one_to_the_cluster(site: Site) -> None:
    pools = site.ask("listStoragePools", clusterid=site.cluster("amber").id)["storagepool"]
    assert sorted((pool["type"], pool["scope"]) for pool in pools) == [("EXT", "HOST")] * 4 + [
        ("PreSetup", "CLUSTER")
    ]


def test_alerts_show_the_subject_and_the_newest_first(site: Site) -> None:
    site.cloud.alert("Management server node 127.0.0.1 is up", 14)
    newest, oldest = site.ask("listAlerts")["alert"]
    assert (newest["type"], newest["description"]) == (14, "Management server node 127.0.0.1 is up")
    assert oldest["description"] == f"Host disconnected, {site.row('cobalt-2').description}"
    assert (oldest["type"], oldest["name"]) == (7, "ALERT.COMPUTE.HOST")


def test_alerts_can_be_asked_for_by_type(site: Site) -> None:
    assert site.ask("listAlerts", type="7")["count"] == 1
    assert site.ask("listAlerts", type="14") == {}


def test_maintenance_asked_for_is_an_event_on_the_host(site: Site) -> None:
    site.job("prepareHostForMaintenance", id=site.row("amber-1").id)
    event = site.ask("listEvents", type="MAINT.PREPARE")["event"][0]
    assert (event["resourcename"], event["resourcetype"]) == ("amber-1", "Host")


def test_settings_are_read_by_name(site: Site) -> None:
    found = site.ask("listConfigurations", name="ping.timeout")["configuration"]
    assert [setting["value"] for setting in found] == ["2.5"]


def test_the_version_is_told(site: Site) -> None:
    assert site.ask("listCapabilities")["capability"]["cloudstackversion"] == "4.20.1.0"


def test_list_apis_names_every_command_with_its_parameters(site: Site) -> None:
    apis = {api["name"]: api for api in site.ask("listApis")["api"]}
    assert apis["prepareHostForMaintenance"]["isasync"]
    assert {"name": "id", "type": "string", "required": True} in apis["deleteHost"]["params"]


def test_the_management_server_lists_itself_since_4_11(site: Site) -> None:
    assert site.ask("listManagementServers")["managementserver"][0]["state"] == "Up"
    assert Site({"version": "4.10.0"}).reply("listManagementServers").status == 401


def test_a_cluster_shows_its_capacities_when_asked(site: Site) -> None:
    told = site.ask("listClusters", name="amber", showcapacities="true")["cluster"][0]["capacity"]
    kinds = [(one["type"], one["capacitytotal"] > one["capacityused"] > 0) for one in told]
    assert kinds == [(0, True), (1, True)]
    assert "capacity" not in site.ask("listClusters", name="amber")["cluster"][0]


@pytest.mark.parametrize(
    "command", ["listZones", "listPods", "listClusters", "listHosts", "listStoragePools"]
)
def test_an_id_that_names_nothing_is_an_error_and_no_empty_list(site: Site, command: str) -> None:
    with pytest.raises(Refused, match="Invalid parameter id value=nowhere") as refused:
        site.ask(command, id="nowhere")
    assert refused.value.code == 431
