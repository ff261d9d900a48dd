"""Asynchronous jobs, from the id to the result."""

from __future__ import annotations

import pytest

from lab.faults import Fault
from tests.lab.cloudstack.conftest import Refused, Site


def begin(site: Site, command: str, name: str) -> str:
    return str(site.ask(command, id=site.row(name).id)["jobid"])


def test_a_job_is_pending_first_and_has_no_result(site: Site) -> None:
    job = site.ask("queryAsyncJobResult", jobid=begin(site, "prepareHostForMaintenance", "amber-1"))
    assert (job["jobstatus"], job["jobresultcode"]) == (0, 0)
    assert "jobresult" not in job


def test_a_job_that_succeeds_ends_with_the_object(site: Site) -> None:
    job_id = begin(site, "prepareHostForMaintenance", "amber-1")
    site.clock.step(5)
    job = site.ask("queryAsyncJobResult", jobid=job_id)
    assert (job["jobstatus"], job["jobresultcode"], job["jobresulttype"]) == (1, 0, "object")
    assert job["jobresult"]["host"]["name"] == "amber-1"
    assert "completed" in job


def test_a_job_that_fails_ends_with_a_code_and_a_text_and_nothing_else(site: Site) -> None:
    job_id = begin(site, "cancelHostMaintenance", "amber-1")
    site.clock.step(5)
    job = site.ask("queryAsyncJobResult", jobid=job_id)
    assert (job["jobstatus"], job["jobresultcode"]) == (2, 530)
    assert sorted(job["jobresult"]) == ["errorcode", "errortext"]


def test_an_unknown_job_is_a_431(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        site.ask("queryAsyncJobResult", jobid="12345678-aaaa-bbbb-cccc-1234567890ab")
    assert refused.value.code == 431


def test_list_async_jobs_shows_the_pending_ones_only(site: Site) -> None:
    job_id = begin(site, "prepareHostForMaintenance", "amber-1")
    assert [job["jobid"] for job in site.ask("listAsyncJobs")["asyncjobs"]] == [job_id]
    site.clock.step(5)
    assert site.ask("listAsyncJobs") == {}


def test_a_job_can_be_made_never_to_end(site: Site) -> None:
    site.cloud.endless_commands.add("prepareHostForMaintenance")
    job_id = begin(site, "prepareHostForMaintenance", "amber-1")
    site.clock.step(7200)
    assert site.ask("queryAsyncJobResult", jobid=job_id)["jobstatus"] == 0


def test_a_job_can_be_made_to_fail(site: Site) -> None:
    site.world.faults.add(Fault("fails", "cloudstack", "prepareHost*", times=1, what="530,no, not now"))
    job_id = begin(site, "prepareHostForMaintenance", "amber-1")
    site.clock.step(5)
    job = site.ask("queryAsyncJobResult", jobid=job_id)
    assert job["jobresult"] == {"errorcode": 530, "errortext": "no, not now"}
    assert site.row("amber-1").resource_state == "Enabled"


def test_a_job_tells_what_it_is_about(site: Site) -> None:
    vm = site.cloud.vms_on(site.row("amber-1"))[0].id
    moving = site.ask("migrateVirtualMachine", virtualmachineid=vm, hostid=site.row("amber-2").id)["jobid"]
    told = site.ask("queryAsyncJobResult", jobid=moving)
    assert (told["jobinstancetype"], told["jobinstanceid"]) == ("VirtualMachine", vm)
    told = site.ask("queryAsyncJobResult", jobid=begin(site, "reconnectHost", "amber-1"))
    assert (told["jobinstancetype"], told["jobinstanceid"]) == ("Host", site.row("amber-1").id)
