"""JSON-RPC 1.0 and 2.0: the same calls in another envelope, and only since 7.0."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.testing import RunningLab, running_lab
from lab.xapi import dialects


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    """The estate without TLS; basalt still runs 6.5."""
    with running_lab("estate", speed=None, plain=True) as lab:
        lab.do(lambda world: dialects.speak(world.pool("basalt"), "6.5"))
        yield lab


def post(lab: RunningLab, body: object, host: str = "amber-1", path: str = "/jsonrpc") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(lab.address(host), lab.port, timeout=10)
    try:
        connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body))
        answer = connection.getresponse()
        if answer.status == 200:
            assert answer.getheader("Content-Type") == "application/json"
        return answer.status, answer.read()
    finally:
        connection.close()


def ask(
    lab: RunningLab, method: str, *params: object, version: int = 2, host: str = "amber-1"
) -> dict[str, Any]:
    """One call, and the whole envelope of its answer."""
    call = {"method": method, "params": params, "id": 7}
    status, body = post(lab, call if version == 1 else {**call, "jsonrpc": "2.0"}, host)
    assert status == 200
    answer: dict[str, Any] = json.loads(body)
    return answer


@pytest.fixture(scope="module")
def session(lab: RunningLab) -> str:
    return str(ask(lab, "session.login_with_password", lab.user, lab.password, "1.0", "tests")["result"])


def test_a_result_of_2_0_has_no_error_and_one_of_1_0_has_none(lab: RunningLab, session: str) -> None:
    ref = lab.world.pool("amber").ref
    assert ask(lab, "pool.get_all", session) == {"jsonrpc": "2.0", "result": [ref], "id": 7}
    assert ask(lab, "pool.get_all", session, version=1) == {"result": [ref], "error": None, "id": 7}


def test_a_refusal_is_an_object_in_2_0_and_an_array_in_1_0(lab: RunningLab, session: str) -> None:
    ref = "OpaqueRef:nobody"
    error = {"code": 1, "message": "HANDLE_INVALID", "data": ["host", ref]}
    assert ask(lab, "host.get_record", session, ref) == {"jsonrpc": "2.0", "error": error, "id": 7}
    old = ask(lab, "host.get_record", session, ref, version=1)
    assert old == {"result": None, "error": ["HANDLE_INVALID", "host", ref], "id": 7}


def test_integers_are_numbers_and_dates_texts(lab: RunningLab, session: str) -> None:
    [record] = ask(lab, "pool.get_all_records", session)["result"].values()
    assert record["ha_host_failures_to_tolerate"] == 1
    [vm, *_] = ask(lab, "VM.get_all_records", session)["result"].values()
    assert vm["snapshot_time"] == "19700101T00:00:00Z"
    assert isinstance(vm["HVM_shadow_multiplier"], float)
    [sm, *_] = ask(lab, "SM.get_all_records", session)["result"].values()
    assert set(sm["features"].values()) == {1}


def test_a_call_without_result_answers_an_empty_text(lab: RunningLab, session: str) -> None:
    ref = lab.world.pool("amber").ref
    assert ask(lab, "pool.set_name_description", session, ref, "schön \ud83d\ude00")["result"] == ""
    assert ask(lab, "pool.get_name_description", session, ref)["result"] == "schön 😀"


def test_the_names_of_all_calls_are_listed(lab: RunningLab) -> None:
    names = ask(lab, "system.listMethods")["result"]
    assert {"pool.get_all_records", "event.from", "Async.pool.enable_ha", "VM.add_tags"} <= set(names)


@pytest.mark.parametrize("version", [1, 2])
def test_emergency_mode_answers_in_one_shape_whatever_was_asked(lab: RunningLab, version: int) -> None:
    lab.do(lambda world: setattr(world.host("cobalt-3"), "emergency", ["HOST_STILL_BOOTING"]))
    answer = ask(lab, "pool.get_all", "x", version=version, host="cobalt-3")
    assert answer == {"jsonrpc": "2.0", "error": ["HOST_STILL_BOOTING"], "id": 0}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"method": "pool.get_all", "params": [], "id": null}',
        b'{"method": "pool.get_all", "params": []}',
        b'{"method": "pool.get_all", "params": {}, "id": 1}',
        b'{"method": "pool.get_all", "id": 1}',
        b'{"method": 5, "params": [], "id": 1}',
        b'{"jsonrpc": "3.0", "method": "pool.get_all", "params": [], "id": 1}',
        b'{"method": "pool.get_all", "params": [NaN], "id": 1}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_call_gets_status_500(lab: RunningLab, body: bytes) -> None:
    assert post(lab, body)[0] == 500


def test_6_5_does_not_speak_it(lab: RunningLab) -> None:
    assert post(lab, {"method": "pool.get_all", "params": ["x"], "id": 1}, "basalt-1")[0] == 404
