"""addCluster, addHost with its refusals and its time, deleteCluster."""

from __future__ import annotations

import pytest

from lab.scenarios.build import add_pool
from lab.world import World, power
from tests.lab.cloudstack.conftest import Json, Refused, Site

STRANGER = "127.10.4.1"


def add_stranger(world: World) -> None:
    add_pool(world, "stranger", 3)


@pytest.fixture
def wide() -> Site:
    """The estate, and a pool of three that CloudStack does not know."""
    return Site({"clusters": ["amber", "basalt", "cobalt"]}, add_stranger)


def add_cluster(site: Site, name: str = "dolomite", **params: str) -> Json:
    where = {"zoneid": site.cloud.zone.id, "podid": site.cloud.pod.id, "clustername": name}
    kind = {"hypervisor": "XenServer", "clustertype": "CloudManaged"}
    return site.ask("addCluster", **(where | kind | params))


def add_host(site: Site, **params: str) -> Json:
    where = {"zoneid": site.cloud.zone.id, "podid": site.cloud.pod.id, "hypervisor": "XenServer"}
    login = {"url": f"http://{STRANGER}", "username": "root", "password": "baton-lab"}
    return site.ask("addHost", **(where | login | params))


def names(site: Site, cluster: str) -> list[str]:
    return [row.name for row in site.cloud.cluster_hosts(site.cluster(cluster))]


def test_a_new_cluster_is_managed_enabled_and_empty(wide: Site) -> None:
    added = add_cluster(wide)
    assert added["count"] == 1
    found = wide.ask("listClusters", name="dolomite")["cluster"][0]
    assert (found["managedstate"], found["allocationstate"]) == ("Managed", "Enabled")
    assert wide.ask("listHosts", clusterid=found["id"]) == {}


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({"clustername": "amber"}, 530, "Unable to create cluster amber in pod and data center"),
        ({"hypervisor": "Abacus"}, 431, "Unable to resolve Abacus to a supported"),
        ({"clustertype": "Heap"}, 530, "No enum constant"),
        ({"allocationstate": "Perhaps"}, 431, "Unable to resolve Allocation State 'Perhaps'"),
        ({"podid": "nowhere"}, 431, "Invalid parameter podid value=nowhere"),
    ],
)
def test_a_cluster_is_refused(wide: Site, params: dict[str, str], code: int, text: str) -> None:
    with pytest.raises(Refused, match=text) as refused:
        add_cluster(wide, **params)
    assert refused.value.code == code


def test_one_address_brings_the_whole_pool_into_a_new_cluster(wide: Site) -> None:
    cluster = add_cluster(wide)["cluster"][0]
    added = add_host(wide, clusterid=cluster["id"])
    assert [host["name"] for host in added["host"]] == ["stranger-1", "stranger-2", "stranger-3"]
    assert {host["state"] for host in added["host"]} == {"Up"}
    wide.clock.step(600)
    assert [wide.state(name) for name in names(wide, "dolomite")] == [("Up", "Enabled")] * 3
    local = wide.ask("listStoragePools", clusterid=cluster["id"])["storagepool"]
    assert {(pool["scope"], pool["type"]) for pool in local} == {("HOST", "EXT")}


def test_a_member_leads_to_the_pool_as_well_as_its_master(wide: Site) -> None:
    add_cluster(wide)
    added = add_host(wide, clusterid=wide.cluster("dolomite").id, url="http://127.10.4.3")
    assert added["count"] == 3


def test_each_host_takes_its_time_and_is_connecting_meanwhile(wide: Site) -> None:
    add_cluster(wide)
    wide.cloud.setup_seconds = 120
    begin = wide.clock.now()
    add_host(wide, clusterid=wide.cluster("dolomite").id)
    assert 360 <= wide.clock.now() - begin < 370


def test_a_cluster_cannot_be_let_go_while_a_host_is_being_added(wide: Site) -> None:
    add_cluster(wide)
    cluster = wide.cluster("dolomite")
    wide.start("addHost", **add_host_params(wide, cluster.id))
    wide.clock.step(5)
    assert wide.row("stranger-1").status == "Connecting"
    with pytest.raises(Refused, match="should not be in Connecting status"):
        wide.ask("updateCluster", id=cluster.id, managedstate="Unmanaged")


def add_host_params(site: Site, cluster_id: str) -> dict[str, str]:
    return {
        "zoneid": site.cloud.zone.id,
        "podid": site.cloud.pod.id,
        "hypervisor": "XenServer",
        "clusterid": cluster_id,
        "url": f"http://{STRANGER}",
        "username": "root",
        "password": "baton-lab",
    }


def test_two_at_once_add_each_host_once(wide: Site) -> None:
    add_cluster(wide)
    params = add_host_params(wide, wide.cluster("dolomite").id)
    first, second = wide.start("addHost", **params), wide.start("addHost", **params)
    wide.clock.step(120)
    assert (first.status, second.status) == ("success", "success")
    assert sorted(names(wide, "dolomite")) == ["stranger-1", "stranger-2", "stranger-3"]


def test_adding_what_is_there_already_is_a_530(wide: Site) -> None:
    with pytest.raises(Refused) as refused:
        wide.add_host("amber", "127.10.1.1")
    assert (refused.value.code, refused.value.text) == (530, "Failed to add host")


def test_a_pool_of_another_uuid_is_refused_and_joining_it_first_is_the_cure(wide: Site) -> None:
    with pytest.raises(Refused, match="Cannot find the server resources"):
        wide.add_host("amber", STRANGER)
    assert names(wide, "amber") == ["amber-1", "amber-2", "amber-3", "amber-4"]


def test_an_unknown_member_that_is_off_spoils_it_for_all(wide: Site) -> None:
    add_cluster(wide)
    power.kill(wide.world, wide.world.host("stranger-3"))
    with pytest.raises(Refused, match="Cannot find the server resources"):
        add_host(wide, clusterid=wide.cluster("dolomite").id)
    assert names(wide, "dolomite") == []


def test_a_known_member_that_is_off_does_not(wide: Site) -> None:
    wide.ask("deleteHost", id=wide.row("basalt-3").id, forced="true")
    power.kill(wide.world, wide.world.host("basalt-5"))
    assert [host["name"] for host in wide.add_host("basalt", "127.10.2.1")["host"]] == ["basalt-3"]


def test_a_member_that_xapi_has_disabled_is_left_out_without_a_word(wide: Site) -> None:
    add_cluster(wide)
    wide.world.host("stranger-2").enabled = False
    added = add_host(wide, clusterid=wide.cluster("dolomite").id)
    assert [host["name"] for host in added["host"]] == ["stranger-1", "stranger-3"]


def test_a_disabled_master_leaves_all_of_them_out(wide: Site) -> None:
    add_cluster(wide)
    wide.world.host("stranger-1").enabled = False
    with pytest.raises(Refused, match="Failed to add host"):
        add_host(wide, clusterid=wide.cluster("dolomite").id)


def test_a_host_that_is_lost_while_it_is_set_up_ends_in_alert(wide: Site) -> None:
    add_cluster(wide)
    wide.start("addHost", **add_host_params(wide, wide.cluster("dolomite").id))
    wide.clock.step(5)
    power.kill(wide.world, wide.world.host("stranger-1"))
    wide.clock.step(60)
    assert wide.row("stranger-1").status == "Alert"


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        ({"password": ""}, 431, "Username and Password need to be provided"),
        ({"clustername": "amber"}, 431, "Can't specify cluster by both id and name"),
        ({"url": "127.10.4.1"}, 431, "uri.scheme is null 127.10.4.1, add nfs://"),
        ({"url": "http://["}, 431, "is not a valid uri"),
        ({"hypervisor": "Abacus"}, 530, "Do not support HypervisorType Abacus for http://127.10.4.1"),
        ({"clusterid": "nowhere"}, 431, "Invalid parameter clusterid value=nowhere"),
        ({"zoneid": "nowhere"}, 431, "Invalid parameter zoneid value=nowhere"),
    ],
)
def test_a_host_is_refused_by_its_parameters(
    wide: Site, params: dict[str, str], code: int, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        add_host(wide, **({"clusterid": wide.cluster("amber").id} | params))
    assert refused.value.code == code
    assert text in refused.value.text


def test_a_cluster_named_for_the_first_time_is_made_and_stays_when_the_host_is_refused(wide: Site) -> None:
    with pytest.raises(Refused):
        add_host(wide, clustername="ember", password="wrong")
    assert wide.ask("listClusters", name="ember")["count"] == 1


def test_without_a_cluster_it_stands_alone(wide: Site) -> None:
    add_host(wide)
    assert wide.ask("listClusters", name=f"Standalone-http://{STRANGER}")["count"] == 1


def test_a_cluster_with_hosts_or_storage_is_not_deleted(wide: Site) -> None:
    cobalt = wide.cluster("cobalt")
    with pytest.raises(Refused) as refused:
        wide.ask("deleteCluster", id=cobalt.id)
    assert (refused.value.code, refused.value.text) == (
        530,
        f"Cluster: {cobalt.number} cannot be removed. Cluster still has hosts",
    )
    for row in wide.cloud.cluster_hosts(cobalt):
        wide.ask("deleteHost", id=row.id, forced="true")
    with pytest.raises(Refused, match="Cluster still has storage pools"):
        wide.ask("deleteCluster", id=cobalt.id)


def test_an_empty_cluster_is_deleted(wide: Site) -> None:
    cluster = add_cluster(wide)["cluster"][0]
    assert wide.ask("deleteCluster", id=cluster["id"]) == {"success": True}
    assert wide.ask("listClusters", name="dolomite") == {}
    with pytest.raises(Refused, match="entity does not exist"):
        wide.ask("deleteCluster", id=cluster["id"])
