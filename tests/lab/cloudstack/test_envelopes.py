"""What answers look like: envelopes, pages, errors, XML."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.cloudstack.state import ADMIN_KEYS, USER_KEYS
from tests.lab.cloudstack.conftest import Refused, Site


def body(site: Site, command: str, **params: str) -> dict[str, Any]:
    return dict(json.loads(site.reply(command, **params).body))


def test_a_list_has_one_key_a_count_and_an_array(site: Site) -> None:
    answer = body(site, "listClusters")
    assert list(answer) == ["listclustersresponse"]
    assert answer["listclustersresponse"]["count"] == 3
    assert [c["name"] for c in answer["listclustersresponse"]["cluster"]] == ["amber", "basalt", "cobalt"]


def test_an_empty_list_is_an_empty_object(site: Site) -> None:
    assert body(site, "listHosts", name="nobody") == {"listhostsresponse": {}}


def test_a_page_beyond_the_end_has_the_count_only(site: Site) -> None:
    assert body(site, "listHosts", page="9", pagesize="10") == {"listhostsresponse": {"count": 12}}


def test_the_count_is_that_of_all_pages(site: Site) -> None:
    page = site.ask("listHosts", page="2", pagesize="10")
    assert (page["count"], len(page["host"])) == (12, 2)


def test_pages_together_hold_everything_once(site: Site) -> None:
    pages = [site.ask("listHosts", page=str(n), pagesize="5")["host"] for n in (1, 2, 3)]
    names = [host["name"] for page in pages for host in page]
    assert names == [host["name"] for host in site.ask("listHosts")["host"]]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"pagesize": "5"}, '"page" parameter is required when "pagesize" is specified'),
        ({"page": "1"}, '"pagesize" parameter is required when "page" is specified'),
        ({"page": "1", "pagesize": "501"}, "Page size can't exceed max allowed page size value: 500"),
    ],
)
def test_paging_misused_is_a_431(site: Site, params: dict[str, str], text: str) -> None:
    with pytest.raises(Refused) as refused:
        site.ask("listHosts", **params)
    assert (refused.value.code, refused.value.text) == (431, text)


def test_a_missing_parameter_is_named(site: Site) -> None:
    with pytest.raises(Refused, match="Unable to execute API command deletehost due to missing parameter id"):
        site.ask("deleteHost")


def test_an_id_that_is_none_is_a_431_at_once_and_begins_no_job(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        site.ask("prepareHostForMaintenance", id="no-such-host")
    assert refused.value.code == 431
    assert "Invalid parameter id value=no-such-host" in refused.value.text
    assert site.cloud.jobs == {}


def test_an_error_has_its_number_as_http_status_and_its_text_in_a_header(site: Site) -> None:
    reply = site.reply("deleteHost", id=site.row("amber-2").id)
    error = json.loads(reply.body)["deletehostresponse"]
    assert reply.status == error["errorcode"] == 530
    assert (error["uuidList"], error["cserrorcode"]) == ([], 4250)
    assert dict(reply.headers)["X-Description"] == error["errortext"]


def test_an_answer_is_xml_unless_json_is_asked_for(site: Site) -> None:
    reply = site.reply("listZones", response="xml")
    assert dict(reply.headers)["Content-Type"].startswith("text/xml")
    assert b"<listzonesresponse><count>1</count><zone><id>" in reply.body
    assert b"<localstorageenabled>true</localstorageenabled>" in reply.body


def test_every_failure_to_prove_who_asks_is_the_same_401(site: Site) -> None:
    text = "unable to verify user credentials and/or request signature"
    answers = [
        site.reply_to(("nobody", "lab-secret-key"), "listHosts"),
        site.reply_to(("lab-api-key", "wrong"), "listHosts"),
        site.reply("listHosts", signatureversion="3", expires="2001-01-01T00:00:00+0000"),
    ]
    expected = {"listhostsresponse": {"uuidList": [], "errorcode": 401, "errortext": text}}
    assert [(answer.status, json.loads(answer.body)) for answer in answers] == [(401, expected)] * 3


def test_a_management_server_whose_clock_is_an_hour_ahead_takes_signatures_for_expired(site: Site) -> None:
    expires = (datetime.now(UTC) + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    assert site.reply("listZones", signatureversion="3", expires=expires).status == 200
    site.cloud.clock_skew = 3600
    assert site.reply("listZones", signatureversion="3", expires=expires).status == 401


def test_an_unknown_command_is_a_401_without_the_commands_name(site: Site) -> None:
    answer = site.reply("listSecrets")
    assert answer.status == 401
    assert list(json.loads(answer.body)) == ["errorresponse"]


def test_command_names_are_case_sensitive(site: Site) -> None:
    assert site.reply("listhosts").status == 401


def test_a_user_without_the_role_may_list_zones_but_not_hosts(site: Site) -> None:
    assert site.reply_to(USER_KEYS, "listZones").status == 200
    answer = site.reply_to(USER_KEYS, "listHosts")
    assert answer.status == 401
    error = json.loads(answer.body)["listhostsresponse"]
    assert (
        error["errortext"]
        == "The given command 'listHosts' either does not exist, is not available for user."
    )


def test_a_user_sees_the_instances_of_its_account_but_not_where_they_run(site: Site) -> None:
    told = json.loads(site.reply_to(USER_KEYS, "listVirtualMachines").body)["listvirtualmachinesresponse"]
    assert told["count"] == 60
    assert not {"hostid", "hostname", "instancename"} & set(told["virtualmachine"][0])


def test_too_many_calls_are_a_429_when_throttling_is_on(site: Site) -> None:
    site.cloud.settings.put("api.throttling.enabled", "true")
    site.cloud.settings.put("api.throttling.interval", "60")
    site.cloud.settings.put("api.throttling.max", "3")
    statuses = [site.reply("listZones").status for _call in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert site.reply_to(USER_KEYS, "listZones").status == 200, "it is counted per account"


def test_a_management_server_in_maintenance_takes_no_jobs(site: Site) -> None:
    site.cloud.shutting_down = True
    assert site.reply("reconnectHost", id=site.row("amber-1").id).status == 503
    assert site.reply("listHosts").status == 200


def test_every_call_is_logged_with_its_user_and_outcome_and_without_secrets(site: Site) -> None:
    site.reply("listZones")
    site.reply("updateHost", id=site.row("amber-1").id, allocationstate="Enabled")
    first, second = site.world.calls.calls[-2:]
    assert (first.name, first.session, first.outcome, first.changing) == ("listZones", "admin", "ok", False)
    assert (second.name, second.outcome, second.changing) == ("updateHost", "530", True)
    assert not any(secret in str(call.args) for call in site.world.calls.calls for secret in ADMIN_KEYS)


def test_a_control_character_is_a_431(site: Site) -> None:
    with pytest.raises(Refused, match="contains illegal ASCII non-printable characters") as refused:
        site.ask("listHosts", name="amber\x07")
    assert refused.value.code == 431
