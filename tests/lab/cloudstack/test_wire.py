"""The API over a real socket, as public clients use it: PyPI ``cs``, and bare HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from cs import CloudStack, CloudStackApiException

from lab.cloudstack.signing import signature
from lab.testing import RunningLab, running_lab

PATIENCE = 20


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=600, plain=True) as running:
        yield running


def client(lab: RunningLab, method: str = "get", **keys: str) -> CloudStack:
    return CloudStack(
        endpoint=lab.cloudstack_url,
        key=keys.get("key", lab.api_key),
        secret=keys.get("secret", lab.secret_key),
        method=method,
        poll_interval=0.05,
        timeout=PATIENCE,
    )


def host_id(lab: RunningLab, name: str) -> str:
    return str(client(lab).listHosts(name=name)["host"][0]["id"])


def signed(lab: RunningLab, **params: str) -> dict[str, str]:
    wanted = {"apikey": lab.api_key, "response": "json", **params}
    return {**wanted, "signature": signature(wanted, lab.secret_key)}


def test_cs_lists_the_estate(lab: RunningLab) -> None:
    hosts = client(lab).listHosts(type="Routing")["host"]
    assert len(hosts) == 12
    assert {host["clustername"] for host in hosts} == {"amber", "basalt", "cobalt"}


def test_cs_follows_the_pages(lab: RunningLab) -> None:
    assert len(client(lab).listVirtualMachines(listall=True, fetch_list=True)) == 60


@pytest.mark.parametrize("method", ["get", "post"])
def test_cs_waits_for_a_job(lab: RunningLab, method: str) -> None:
    annotated = client(lab, method).updateHost(id=host_id(lab, "basalt-4"), annotation=f"by {method}")
    assert annotated["host"]["annotation"] == f"by {method}"
    result = client(lab, method).reconnectHost(id=host_id(lab, "basalt-4"), fetch_result=True)
    assert result["host"]["name"] == "basalt-4"
    lab.wait_until(lambda world: all(row.status == "Up" for row in rows(world, "basalt")), PATIENCE)


def rows(world: Any, pool: str) -> list[Any]:
    return [row for row in world.cloudstack.hosts.values() if row.cluster.name == pool]


def test_a_job_that_fails_reaches_cs_as_an_error(lab: RunningLab) -> None:
    with pytest.raises(CloudStackApiException) as failed:
        client(lab).cancelHostMaintenance(id=host_id(lab, "amber-4"), fetch_result=True)
    assert "Cannot perform cancelMaintenance" in str(failed.value)


def test_a_refusal_reaches_cs_with_its_status(lab: RunningLab) -> None:
    with pytest.raises(CloudStackApiException) as refused:
        client(lab).deleteHost(id=host_id(lab, "amber-4"))
    assert refused.value.response.status_code == 530
    assert refused.value.error["errorcode"] == 530


def test_a_wrong_secret_reaches_cs_as_a_401(lab: RunningLab) -> None:
    with pytest.raises(CloudStackApiException) as refused:
        client(lab, secret="wrong").listHosts()
    assert refused.value.response.status_code == 401


def test_a_name_with_a_blank_a_star_and_an_umlaut_keeps_its_signature(lab: RunningLab) -> None:
    assert client(lab).listHosts(name="xen höst*1") == {}


def test_an_error_that_quotes_line_breaks_still_fits_into_a_header(lab: RunningLab) -> None:
    params = signed(lab, command="deleteHost", id="a\r\nSet-Cookie: é\x00")
    answer = requests.get(lab.cloudstack_url, params, timeout=PATIENCE)
    assert answer.status_code == 431
    assert "Set-Cookie" not in answer.headers
    assert "a Set-Cookie: " in answer.headers["X-Description"]


def test_a_tilde_is_signed_as_java_encodes_it(lab: RunningLab) -> None:
    answer = requests.get(lab.cloudstack_url, signed(lab, command="listHosts", name="~1"), timeout=PATIENCE)
    assert answer.status_code == 200


def test_the_query_wins_over_the_form(lab: RunningLab) -> None:
    params = signed(lab, command="listZones")
    answer = requests.post(lab.cloudstack_url, {"command": "listHosts"}, params=params, timeout=PATIENCE)
    assert list(answer.json()) == ["listzonesresponse"]


def test_without_any_parameter_it_is_a_401(lab: RunningLab) -> None:
    answer = requests.get(lab.cloudstack_url, timeout=PATIENCE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/xml; charset=UTF-8")


def test_another_path_is_a_404(lab: RunningLab) -> None:
    assert requests.get(lab.cloudstack_url.replace("/client", ""), timeout=PATIENCE).status_code == 404


def test_a_slow_command_holds_its_request_and_goes_on_when_the_client_leaves() -> None:
    with running_lab("estate", speed=5, plain=True) as slow:
        cluster = slow.do(lambda world: next(iter(world.cloudstack.clusters.values())))
        params = signed(slow, command="updateCluster", id=cluster.id, managedstate="Unmanaged")
        with pytest.raises(requests.ReadTimeout):
            requests.get(slow.cloudstack_url, params, timeout=(PATIENCE, 0.1))
        slow.wait_until(lambda world: cluster.managed_state == "Unmanaged", PATIENCE)
        assert len(slow.calls("updateCluster")) == 1


def test_a_fault_resets_the_connection_after_the_command_took_effect(lab: RunningLab) -> None:
    lab.break_("reset-after", "cloudstack", call="updateHost", times=1)
    amber_2 = host_id(lab, "amber-2")
    with pytest.raises(requests.ConnectionError):
        requests.get(
            lab.cloudstack_url,
            signed(lab, command="updateHost", id=amber_2, hosttags="kept"),
            timeout=PATIENCE,
        )
    assert client(lab).listHosts(name="amber-2")["host"][0]["hosttags"] == "kept"
    assert len([call for call in lab.calls("updateHost") if call["args"].get("hosttags") == "kept"]) == 1


def test_a_fault_answers_with_an_error_of_its_own(lab: RunningLab) -> None:
    lab.break_("error", "cloudstack", call="listZones", times=1, what="534, no agent")
    answer = requests.get(lab.cloudstack_url, signed(lab, command="listZones"), timeout=PATIENCE)
    assert answer.status_code == 534
    assert answer.json()["listzonesresponse"]["errortext"] == "no agent"


def test_the_servers_clock_can_be_an_hour_ahead_and_its_answer_says_so(lab: RunningLab) -> None:
    expires = (datetime.now(UTC) + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    params = signed(lab, command="listZones", signatureversion="3", expires=expires)
    assert requests.get(lab.cloudstack_url, params, timeout=PATIENCE).status_code == 200
    lab.break_("clock-skew", "cloudstack", delay=3600)
    answer = requests.get(lab.cloudstack_url, params, timeout=PATIENCE)
    lab.mend("cloudstack")
    ahead = parsedate_to_datetime(answer.headers["Date"]) - datetime.now(UTC)
    assert answer.status_code == 401
    assert timedelta(minutes=59) < ahead < timedelta(minutes=61)
    assert requests.get(lab.cloudstack_url, params, timeout=PATIENCE).status_code == 200


def test_the_server_can_be_made_to_throttle(lab: RunningLab) -> None:
    lab.break_("throttle", "cloudstack", times=2, delay=60)
    params = signed(lab, command="listZones")
    statuses = [requests.get(lab.cloudstack_url, params, timeout=PATIENCE).status_code for _call in range(3)]
    lab.mend("cloudstack")
    assert statuses == [200, 200, 429]
    assert requests.get(lab.cloudstack_url, params, timeout=PATIENCE).status_code == 200


def test_its_jobs_can_be_made_endless(lab: RunningLab) -> None:
    lab.break_("endless-jobs", "cloudstack", call="reconnect*")
    job = client(lab).reconnectHost(id=host_id(lab, "basalt-2"))
    started = lab.do(lambda world: world.now())
    lab.wait_until(lambda world: world.now() > started + 300, PATIENCE)
    lab.mend("cloudstack")
    assert client(lab).queryAsyncJobResult(jobid=job["jobid"])["jobstatus"] == 0
