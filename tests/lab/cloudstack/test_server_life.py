"""The management server itself: its restart, its events, its primary storage, its metrics."""

from __future__ import annotations

import pytest

from lab.cloudstack import switches
from tests.lab.cloudstack.conftest import Refused, Site, SiteOf


def test_a_restart_fails_the_jobs_under_way_and_the_hosts_come_back(site: Site) -> None:
    vm = site.ask("listVirtualMachines", listall="true", hostid=site.row("amber-1").id)["virtualmachine"][0]
    job = site.ask("migrateVirtualMachine", virtualmachineid=vm["id"], hostid=site.row("amber-2").id)["jobid"]
    site.clock.step(3)
    switches.SWITCHES["restart"].turn_on(site.cloud, {})
    told = site.ask("queryAsyncJobResult", jobid=job)
    assert (told["jobstatus"], told["jobresultcode"]) == (2, 530)
    assert "management server restart" in told["jobresult"]["errortext"]
    assert site.state("amber-1")[0] == "Disconnected"
    assert site.state("cobalt-2")[0] == "Alert"
    assert site.subjects()[0] == "Management server node 127.0.0.1 is up"
    site.until(400, lambda: site.state("amber-1")[0] == "Up")


def test_jobs_are_forgotten_after_the_time_of_a_setting(site: Site) -> None:
    site.cloud.settings.put("job.expire.minutes", "1")
    old = site.ask("reconnectHost", id=site.row("amber-1").id)["jobid"]
    site.clock.step(70)
    site.ask("reconnectHost", id=site.row("amber-1").id)
    with pytest.raises(Refused, match="Invalid parameter jobid") as refused:
        site.ask("queryAsyncJobResult", jobid=old)
    assert refused.value.code == 431


def events(site: Site, kind: str) -> list[tuple[str, str]]:
    return [(event["state"], event["level"]) for event in site.ask("listEvents", type=kind)["event"]]


def test_a_job_is_scheduled_started_and_completed_in_the_events(site: Site) -> None:
    site.job("prepareHostForMaintenance", id=site.row("amber-1").id)
    assert events(site, "MAINT.PREPARE") == [
        ("Completed", "INFO"),
        ("Started", "INFO"),
        ("Scheduled", "INFO"),
    ]
    last, _started, first = site.ask("listEvents", type="MAINT.PREPARE")["event"]
    assert (last["parentid"], last["username"], last["resourcename"]) == (first["id"], "admin", "amber-1")
    assert site.ask("listEvents", startid=first["id"])["count"] == 3


def test_one_that_fails_is_an_error(site: Site) -> None:
    with pytest.raises(Refused):
        site.job("cancelHostMaintenance", id=site.row("amber-1").id)
    assert events(site, "MAINT.CANCEL")[0] == ("Completed", "ERROR")


def test_events_are_asked_for_by_date(site: Site) -> None:
    site.job("reconnectHost", id=site.row("amber-1").id)
    assert site.ask("listEvents", startdate="2026-01-02") == {}
    assert site.ask("listEvents", enddate="2026-01-01", startdate="2026-01-01")["count"] == 3


def test_before_4_21_the_state_is_no_filter_and_is_ignored(site_of: SiteOf) -> None:
    for version, count in (("4.20.1", 3), ("4.21.0", 1)):
        site = site_of(version)
        site.job("reconnectHost", id=site.row("amber-1").id)
        assert site.ask("listEvents", state="Started")["count"] == count


@pytest.fixture
def storage(site: Site) -> dict[str, str]:
    pools = site.ask("listStoragePools", clusterid=site.cluster("basalt").id, scope="CLUSTER")
    return dict(pools["storagepool"][0])


def test_primary_storage_goes_into_maintenance_and_takes_its_vms_down(
    site: Site, storage: dict[str, str]
) -> None:
    done = site.job("enableStorageMaintenance", id=storage["id"])["storagepool"]
    assert done["state"] == "Maintenance"
    assert site.world.host("basalt-2").resident == []
    with pytest.raises(Refused, match="is not ready for migration, as the status is:Maintenance") as refused:
        site.job("enableStorageMaintenance", id=storage["id"])
    assert refused.value.code == 431


def test_it_comes_back_and_the_key_of_the_answer_has_the_old_name(
    site: Site, storage: dict[str, str]
) -> None:
    reply = site.reply("enableStorageMaintenance", id=storage["id"])
    assert reply.body.startswith(b'{"preparePrimaryStorageForMaintenance'.lower())
    site.clock.step(60)
    assert site.job("cancelStorageMaintenance", id=storage["id"])["storagepool"]["state"] == "Up"
    with pytest.raises(Refused, match="as the status is:Up"):
        site.job("cancelStorageMaintenance", id=storage["id"])


def test_metrics_are_the_host_and_more(site: Site) -> None:
    told = site.ask("listHostsMetrics", name="amber-1")["host"][0]
    assert (told["name"], told["instances"], told["powerstate"]) == ("amber-1", "5/5", "Disabled")
    assert told["cpuallocatedthreshold"] is False
    assert set(site.host("amber-1")) < set(told)


def test_before_4_9_3_there_are_none(site_of: SiteOf) -> None:
    assert site_of("4.9.2").reply("listHostsMetrics").status == 401


def test_host_tags_are_listed(site: Site) -> None:
    site.ask("updateHost", id=site.row("amber-1").id, hosttags="ssd,fast")
    assert [tag["name"] for tag in site.ask("listHostTags")["hosttag"]] == ["ssd", "fast"]


def test_a_password_is_of_a_cluster(site: Site) -> None:
    login = {"username": "root", "password": "new"}
    assert site.ask("updateHostPassword", clusterid=site.cluster("amber").id, **login) == {"success": True}
    with pytest.raises(Refused, match="You should provide one of cluster id or a host id") as refused:
        site.ask("updateHostPassword", **login)
    assert refused.value.code == 431


def test_enabling_what_is_enabled_is_let_pass_since_4_14(site_of: SiteOf) -> None:
    new, old = site_of("4.20.1"), site_of("4.5.2")
    assert new.ask("updateHost", id=new.row("amber-1").id, allocationstate="Enable")["host"]["state"] == "Up"
    with pytest.raises(Refused) as refused:
        old.ask("updateHost", id=old.row("amber-1").id, allocationstate="Enable")
    assert refused.value.code == 530
