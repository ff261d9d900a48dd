"""CloudStack's API, on the lab and on servers that are something else."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from lab.testing import RunningLab, running_lab
from pools.clients import cloudstack as client
from pools.clients.cloudstack import CloudStack, CloudStackEndpoint, job_state, open_cloudstack
from pools.clients.errors import (
    AnswerLost,
    BadAnswer,
    ClientError,
    ClockSkew,
    NotCloudStack,
    NotPermitted,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from pools.clients.trust import Trust
from pools.clients.wire import Deadline
from pools.secret import Secret
from tests.pools.reach import (
    Behaviour,
    OddServer,
    answering,
    dripping,
    hanging_up,
    odd_server,
    silent,
    to_cloudstack,
)
from tests.support.waiting import eventually

WRONG_KEYS = {"errorcode": 401, "errortext": "unable to verify user credentials and/or request signature"}
NO_RIGHT = {
    "errorcode": 401,
    "errortext": "The given command 'listHosts' either does not exist, is not available for user.",
}


@contextmanager
def asking(behaviour: Behaviour, seconds: float = 30.0) -> Iterator[tuple[OddServer, CloudStack]]:
    """A session with an odd server."""
    with odd_server(behaviour) as server:
        url = f"http://127.0.0.1:{server.port}/client/api"
        endpoint = CloudStackEndpoint(url, Secret("k"), Secret("a-very-secret-word"), Trust())
        with open_cloudstack(endpoint, deadline=Deadline(seconds), read_s=seconds) as api:
            yield server, api


def saying(status: int, inner: object, **headers: str) -> Behaviour:
    """A refusal as CloudStack shapes it."""
    return answering(json.dumps({"listhostsresponse": inner}).encode(), f"{status} No", **headers)


def test_a_list_comes_whole_through_all_its_pages(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 5)
    before = len(lab.calls("listHosts"))
    with open_cloudstack(to_cloudstack(lab)) as api:
        hosts = api.list("listHosts", "host", type="Routing")
    assert len({h["id"] for h in hosts}) == len(hosts) == 12
    assert len(lab.calls("listHosts")) == before + 3


def test_a_server_that_gives_smaller_pages_is_obeyed(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PAGE", 1000)
    with open_cloudstack(to_cloudstack(lab)) as api:
        assert len(api.list("listHosts", "host", type="Routing")) == 12


def test_an_empty_list_is_empty(lab: RunningLab) -> None:
    with open_cloudstack(to_cloudstack(lab)) as api:
        assert api.list("listHosts", "host", name="nobody") == []


def test_a_job_is_started_once_and_its_end_is_seen() -> None:
    with running_lab("estate", speed=200.0) as lab, open_cloudstack(to_cloudstack(lab)) as api:
        (host,) = api.list("listHosts", "host", name="amber-4")
        job = api.start("prepareHostForMaintenance", id=host["id"])
        eventually(lambda: api.job(job).state == "success")
        assert api.job(job).result["host"]["id"] == host["id"]
        assert len(lab.calls("prepareHostForMaintenance")) == 1


def test_a_refusal_keeps_its_number_and_text_and_says_what_it_means(lab: RunningLab) -> None:
    with open_cloudstack(to_cloudstack(lab)) as api:
        (host,) = api.list("listHosts", "host", name="amber-2")
        with pytest.raises(Refused) as no:
            api.do("deleteHost", id=host["id"])
    assert no.value.code == "530"
    assert "not in maintenance mode" in no.value.params[0]
    assert "only in Maintenance" in no.value.says


def test_a_job_that_nobody_knows_is_gone(lab: RunningLab) -> None:
    with open_cloudstack(to_cloudstack(lab)) as api:
        assert api.job("00000000-0000-0000-0000-000000000000").state == "gone"


def test_wrong_keys_are_told_from_a_lacking_right(lab: RunningLab) -> None:
    with open_cloudstack(to_cloudstack(lab, secret_key="wrong")) as api:
        with pytest.raises(NotPermitted, match="does not accept the keys"):
            api.list("listHosts", "host")
    with asking(saying(401, NO_RIGHT)) as (_, api), pytest.raises(NotPermitted, match="root admin"):
        api.list("listHosts", "host")


def test_a_clock_an_hour_off_is_named_with_its_minutes(lab: RunningLab) -> None:
    lab.break_("clock-skew", "cloudstack", delay=3600)
    with open_cloudstack(to_cloudstack(lab)) as api, pytest.raises(ClockSkew, match="NTP") as skew:
        api.read("listCapabilities")
    assert skew.value.minutes == 60


def test_a_clock_behind_is_named_too() -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    with (
        asking(saying(401, WRONG_KEYS, Date=date)) as (_, api),
        pytest.raises(ClockSkew, match="60 minutes behind"),
    ):
        api.read("listHosts")


def test_too_many_requests_are_a_trouble_of_their_own() -> None:
    with asking(saying(429, {"errorcode": 429, "errortext": "retry after [500] ms."})) as (_, api):
        with pytest.raises(RateLimited, match="500"):
            api.start("reconnectHost", id="1")


@pytest.mark.parametrize("fault", ["reset-after", "garbage", "truncated", "http500"])
def test_a_change_whose_answer_is_lost_says_so_and_is_sent_once(lab: RunningLab, fault: str) -> None:
    before = len(lab.calls("cancelHostMaintenance"))
    with open_cloudstack(to_cloudstack(lab)) as api:
        (host,) = api.list("listHosts", "host", name="amber-3")
        lab.break_(fault, "cloudstack", call="cancelHostMaintenance")
        with pytest.raises(AnswerLost, match="cancelHostMaintenance was sent"):
            api.start("cancelHostMaintenance", id=host["id"])
    assert len(lab.calls("cancelHostMaintenance")) == before + 1


def test_a_change_to_a_server_that_is_away_was_never_sent(lab: RunningLab) -> None:
    with odd_server(silent) as server:
        pass
    away = replace(to_cloudstack(lab), url=f"http://127.0.0.1:{server.port}/client/api")
    with open_cloudstack(away) as api, pytest.raises(Unreachable):
        api.start("cancelHostMaintenance", id="1")


@pytest.mark.parametrize("behaviour", [dripping, silent])
def test_nothing_outlasts_the_deadline(behaviour: Behaviour) -> None:
    with asking(behaviour, seconds=0.5) as (_, api), pytest.raises(TimedOut):
        api.read("listCapabilities")


def test_a_read_cut_off_is_not_sent_again() -> None:
    with asking(hanging_up) as (server, api):
        with pytest.raises(Unreachable):
            api.read("listCapabilities")
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        answering(b"<html>Tomcat</html>", "404 Not Found"),
        answering(b"", "302 Found", Location="https://example.org/"),
        answering(b"<html>Hello</html>"),
        answering(b"[1, 2]"),
        answering(b'{"a": 1, "b": 2}'),
    ],
)
def test_what_is_not_cloudstack_is_named_as_such(answer: Behaviour) -> None:
    with asking(answer) as (server, api):
        with pytest.raises(NotCloudStack, match="/client/api"):
            api.read("listCapabilities")
        assert len(server.requests) == 1


def test_a_proxy_in_trouble_is_no_proof_against_cloudstack() -> None:
    with (
        asking(answering(b"<html>Bad gateway</html>", "502 Bad Gateway")) as (_, api),
        pytest.raises(BadAnswer),
    ):
        api.read("listCapabilities")


def test_a_reply_without_end_is_cut_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_REPLY", 1024)
    with asking(answering(b'{"a": {"b": "' + b"x" * 200_000 + b'"}}')) as (_, api), pytest.raises(BadAnswer):
        api.read("listCapabilities")


def test_reads_go_by_get_and_changes_by_post() -> None:
    with asking(answering(b'{"anyresponse": {"jobid": "7"}}')) as (server, api):
        api.read("listCapabilities")
        api.start("reconnectHost", id="1")
        api.do("deleteHost", id="1")
    assert [r.split()[0] for r in server.requests] == [b"GET", b"POST", b"POST"]


def test_a_success_that_is_false_is_a_refusal() -> None:
    with asking(answering(b'{"deletehostresponse": {"success": "false", "displaytext": "why"}}')) as (_, api):
        with pytest.raises(Refused, match="why"):
            api.do("deleteHost", id="1")


def test_no_traceback_shows_a_key() -> None:
    for behaviour in (hanging_up, answering(b"garbage"), saying(401, WRONG_KEYS)):
        with asking(behaviour) as (_, api):
            try:
                api.read("listCapabilities")
            except ClientError as error:
                shown = "".join(
                    traceback.TracebackException.from_exception(error, capture_locals=True).format()
                )
                assert "a-very-secret-word" not in shown
                assert "signature=" not in shown


@pytest.mark.parametrize(
    ("job", "state", "error"),
    [
        ({"jobstatus": 0}, "pending", ()),
        ({"jobstatus": 1, "jobresult": {"success": True}}, "success", ()),
        ({"jobstatus": 2, "jobresult": {"errorcode": 530, "errortext": "no"}}, "failure", ("530", "no")),
        ({"jobstatus": 2}, "failure", ("530", "no text")),
        ({"jobstatus": 2, "jobresultcode": 431, "jobresult": "as text"}, "failure", ("431", "as text")),
    ],
)
def test_a_jobs_record_is_read_leniently(job: dict[str, object], state: str, error: tuple[str, ...]) -> None:
    assert (job_state(job).state, job_state(job).error) == (state, error)
