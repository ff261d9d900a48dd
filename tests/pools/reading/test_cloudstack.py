"""CloudStack's rows as facts."""

from __future__ import annotations

from pools.reading.cloudstack import cluster_facts

HOST = {"id": "1", "name": "amber-1", "ipaddress": "127.10.1.1", "state": "Up", "resourcestate": "Enabled"}


def test_only_vms_on_the_clusters_own_hosts_count_and_each_once() -> None:
    vms = [
        {"id": "a", "instancename": "i-2-3-VM", "hostid": "1", "state": "Running"},
        {"id": "a", "instancename": "i-2-3-VM", "hostid": "1", "state": "Running"},
        {"id": "b", "instancename": "i-2-4-VM", "hostid": "9", "state": "Running"},
        {"id": "c", "instancename": "i-2-5-VM", "state": "Stopped"},
    ]
    assert [vm.id for vm in cluster_facts("4.20", {"id": "c"}, [HOST], vms).vms] == ["a"]


def test_a_routers_name_is_its_instances_name() -> None:
    facts = cluster_facts(
        "4.20", {"id": "c"}, [HOST], [{"id": "r", "name": "r-4-VM", "hostid": "1", "state": "Running"}]
    )
    assert facts.vms[0].instance == "r-4-VM"


def test_a_guest_has_the_addresses_of_all_its_nics() -> None:
    nics = [{"ipaddress": "10.1.1.7", "ip6address": "fd00::7"}, {"ipaddress": "10.2.1.7"}]
    rows = [{"id": "a", "instancename": "i-2-3-VM", "hostid": "1", "nic": nics}]
    rows += [{"id": "v", "name": "v-1-VM", "hostid": "1", "publicip": "192.0.2.7", "privateip": "10.0.0.7"}]
    guest, proxy = cluster_facts("4.20", {"id": "c"}, [HOST], rows).vms
    assert guest.addresses == ("10.1.1.7", "10.2.1.7", "fd00::7")
    assert proxy.addresses == ("10.0.0.7", "192.0.2.7")


def test_an_old_cluster_without_states_counts_as_managed_and_enabled() -> None:
    facts = cluster_facts("4.3.2", {"id": 7, "name": "amber"}, [HOST])
    assert (facts.cluster, facts.managedstate, facts.allocationstate) == ("7", "Managed", "Enabled")


def test_jobs_keep_class_and_instance() -> None:
    job = {"jobid": "j", "cmd": "org.apache.X", "jobstatus": 0, "jobinstanceid": "1"}
    (found,) = cluster_facts("4.20", {"id": "c"}, [HOST], jobs=[job]).jobs
    assert (found.id, found.command, found.status, found.instance) == ("j", "org.apache.X", 0, "1")
