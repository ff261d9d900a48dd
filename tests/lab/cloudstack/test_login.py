"""Sessions of people over HTTP, and the two settings about how a request must come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from lab.cloudstack.signing import signature
from lab.cloudstack.state import ADMIN_KEYS, PASSWORD
from lab.cloudstack.versions import Version
from lab.testing import RunningLab, running_lab
from lab.world import World

PATIENCE = 30


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with running_lab("healthy", speed=None, plain=True) as lab:
        yield lab


def log_in(lab: RunningLab, password: str = PASSWORD) -> tuple[requests.Session, requests.Response]:
    browser = requests.Session()
    form = {"command": "login", "username": "admin", "password": password, "domain": "/", "response": "json"}
    return browser, browser.post(lab.cloudstack_url, form, timeout=PATIENCE)


def test_a_login_opens_a_session_and_a_logout_closes_it(lab: RunningLab) -> None:
    browser, answer = log_in(lab)
    told = answer.json()["loginresponse"]
    assert (answer.status_code, told["username"], told["type"]) == (200, "admin", "1")
    assert set(browser.cookies.keys()) == {"JSESSIONID", "sessionkey"}
    asked = {"command": "listZones", "response": "json", "sessionkey": told["sessionkey"]}
    assert (
        browser.get(lab.cloudstack_url, params=asked, timeout=PATIENCE).json()["listzonesresponse"]["count"]
        == 1
    )
    gone = browser.get(lab.cloudstack_url, params={"command": "logout", "response": "json"}, timeout=PATIENCE)
    assert gone.json() == {"logoutresponse": {"description": "success"}}
    assert browser.get(lab.cloudstack_url, params=asked, timeout=PATIENCE).status_code == 401


def test_a_wrong_password_is_a_531(lab: RunningLab) -> None:
    browser, answer = log_in(lab, "wrong")
    assert answer.status_code == 531
    assert answer.json()["loginresponse"]["errorcode"] == 531
    assert not browser.cookies


@pytest.mark.parametrize("key", ["", "wrong", "é"])
def test_the_cookie_alone_proves_nothing(lab: RunningLab, key: str) -> None:
    browser, _answer = log_in(lab)
    asked = {"command": "listZones", "response": "json", "sessionkey": key}
    assert browser.get(lab.cloudstack_url, params=asked, timeout=PATIENCE).status_code == 401


def test_an_unknown_command_in_a_session_is_a_432(lab: RunningLab) -> None:
    browser, answer = log_in(lab)
    key = answer.json()["loginresponse"]["sessionkey"]
    asked = {"command": "listUnicorns", "response": "json", "sessionkey": key}
    unknown = browser.get(lab.cloudstack_url, params=asked, timeout=PATIENCE)
    assert unknown.status_code == 432
    assert unknown.json()["errorresponse"]["errortext"] == "Unknown API command: listUnicorns"


def test_the_password_is_not_in_the_log_of_calls(lab: RunningLab) -> None:
    log_in(lab)
    assert {call["args"]["password"] for call in lab.calls("login")} == {"***"}


def signed(minutes: float | None, **params: str) -> dict[str, str]:
    request = {**params, "apikey": ADMIN_KEYS[0], "response": "json"}
    if minutes is not None:
        end = datetime.now(UTC) + timedelta(minutes=minutes)
        request |= {"signatureversion": "3", "expires": end.strftime("%Y-%m-%dT%H:%M:%S+0000")}
    return {**request, "signature": signature(request, ADMIN_KEYS[1])}


@pytest.fixture
def strict(lab: RunningLab) -> Iterator[RunningLab]:
    """A server of 4.22 that takes changes by POST only, and signatures that end soon."""

    def enforce(version: str, value: str) -> None:
        def change(world: World) -> None:
            world.cloudstack.version = Version(version)
            world.cloudstack.settings.put("enforce.post.requests.and.timestamps", value)

        lab.do(change)

    enforce("4.22.0", "true")
    yield lab
    enforce("4.20.1", "false")


def test_a_strict_server_takes_changes_by_post_only(strict: RunningLab) -> None:
    row = strict.do(lambda world: next(iter(world.cloudstack.hosts.values())))
    change = signed(5, command="updateHost", id=row.id, hosttags="x")
    refused = requests.get(strict.cloudstack_url, params=change, timeout=PATIENCE)
    assert refused.status_code == 400
    text = "State changing command updateHost needs to be sent using POST request"
    assert refused.json()["updatehostresponse"]["errortext"] == text
    assert requests.post(strict.cloudstack_url, change, timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(5, 200), (14, 200), (60, 401), (None, 401)])
def test_a_strict_server_takes_no_signature_that_lives_long(
    strict: RunningLab, minutes: float | None, status: int
) -> None:
    asked = signed(minutes, command="listZones")
    assert requests.get(strict.cloudstack_url, params=asked, timeout=PATIENCE).status_code == status
