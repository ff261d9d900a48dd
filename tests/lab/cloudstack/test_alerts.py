"""Alerts are listed, archived and deleted; what is archived is not listed any more."""

from __future__ import annotations

import pytest

from tests.lab.cloudstack.conftest import Refused, Site


@pytest.fixture
def told(site: Site) -> Site:
    """An alert at each of three minutes past midnight, beside the one the scenario begins with; types 7, 14 and 8."""
    for kind in (7, 14, 8):
        site.clock.step(60)
        site.cloud.alert(f"told {kind}", kind)
    return site


def ids(site: Site) -> dict[str, str]:
    return {alert["description"]: alert["id"] for alert in site.ask("listAlerts")["alert"]}


@pytest.mark.parametrize("command", ["archiveAlerts", "deleteAlerts"])
def test_by_id(told: Site, command: str) -> None:
    told.ask(command, ids=",".join([ids(told)["told 7"], ids(told)["told 8"]]))
    assert set(ids(told)) & {"told 7", "told 8", "told 14"} == {"told 14"}


def test_by_type(told: Site) -> None:
    assert told.ask("archiveAlerts", type="14") == {"success": True}
    assert "told 14" not in ids(told)
    assert told.ask("listAlerts", type="14") == {}


def test_by_date(told: Site) -> None:
    told.ask("deleteAlerts", startdate="2026-01-01T00:00:30", enddate="2026-01-01 00:02:30")
    assert [subject for subject in ids(told) if subject.startswith("told")] == ["told 8"]


def test_a_bare_day_ends_with_its_last_second(told: Site) -> None:
    told.ask("deleteAlerts", enddate="2025-12-31")
    assert len(ids(told)) == 4
    told.ask("deleteAlerts", enddate="2026-01-01")
    assert told.ask("listAlerts") == {}


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "either ids, type, startdate or enddate must be specified"),
        ({"type": "7", "startdate": "2026-01-03"}, "enddate must be specified with startdate parameter"),
        ({"enddate": "soon"}, "due to invalid value soon for parameter enddate"),
        ({"ids": "nobody"}, "Invalid parameter ids value=nobody"),
    ],
)
def test_what_is_meant_must_be_said(told: Site, params: dict[str, str], text: str) -> None:
    with pytest.raises(Refused, match=text) as refused:
        told.ask("archiveAlerts", **params)
    assert refused.value.code == 431
    assert len(ids(told)) == 4


def test_of_most_types_there_is_one_until_it_is_put_away(site: Site) -> None:
    for number in range(2):
        site.cloud.alert(f"Host {number}", 7)
        site.cloud.alert(f"Unable to migrate vm {number}", 17)
    assert set(site.subjects()) >= {"Host 0", "Host 1", "Unable to migrate vm 0"}
    assert "Unable to migrate vm 1" not in site.subjects()
    site.ask("archiveAlerts", type="17")
    site.cloud.alert("Unable to migrate vm 2", 17)
    assert site.subjects()[0] == "Unable to migrate vm 2"
