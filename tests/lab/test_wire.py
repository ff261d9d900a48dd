"""The envelope, byte by byte where clients have stumbled over it."""

from __future__ import annotations

import http.client
import socket
import ssl

import pytest
import XenAPI

from tests.lab.conftest import Site, trusting


def post(site: Site, body: bytes, path: str = "/") -> tuple[int, bytes]:
    """One request to amber-1, and the answer's status and body."""
    connection = http.client.HTTPSConnection(
        site.lab.address("amber-1"), site.lab.port, timeout=10, context=trusting()
    )
    try:
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def call(method: str, *args: str) -> bytes:
    params = "".join(f"<param><value><string>{arg}</string></value></param>" for arg in args)
    return f"<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>".encode()


def test_an_answer_is_a_struct_with_status_and_value(site: Site) -> None:
    status, body = post(site, call("session.login_with_password", "root", "baton-lab"))
    assert status == 200
    assert b"<member><name>Status</name><value>Success</value></member><member><name>Value</name>" in body


def test_both_paths_are_served(site: Site) -> None:
    login = call("session.login_with_password", "root", "baton-lab")
    assert [post(site, login, path)[0] for path in ("/", "/RPC2", "/jsonrpc-not-yet")] == [200, 200, 404]


def test_integers_travel_as_untyped_strings(site: Site) -> None:
    records = site.session().xenapi.pool.get_all_records()
    [record] = records.values()
    assert record["ha_host_failures_to_tolerate"] == "1"


def test_booleans_and_maps_keep_their_types(site: Site) -> None:
    [record] = site.session().xenapi.pool.get_all_records().values()
    assert record["ha_enabled"] is True
    assert record["ha_configuration"] == {"timeout": "180"}


def test_dates_have_no_dashes_but_a_z(site: Site) -> None:
    session = site.session("cobalt-1")
    [*_, message] = session.xenapi.message.get_all_records().values()
    assert message["timestamp"].value == "20260101T00:00:00Z"


def test_a_call_without_result_answers_an_empty_string(site: Site) -> None:
    session = site.session()
    assert session.xenapi.pool.set_name_description(session.xenapi.pool.get_all()[0], "x") == ""


def test_an_unknown_method_is_named_in_the_refusal(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.pool.make_coffee()
    assert refused.value.details == ["MESSAGE_METHOD_UNKNOWN", "pool.make_coffee"]


def test_a_missing_argument_is_counted_in_the_refusal(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.pool.enable_ha()
    assert refused.value.details == ["MESSAGE_PARAMETER_COUNT_MISMATCH", "pool.enable_ha", "2", "0"]


def test_an_argument_too_many_is_refused_too(site: Site) -> None:
    session = site.session()
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.host.evacuate(site.host("amber-2").ref, "network", "batch")
    assert refused.value.details[0] == "MESSAGE_PARAMETER_COUNT_MISMATCH"


def test_a_reference_to_nothing_is_an_invalid_handle(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.host.get_record("OpaqueRef:nobody")
    assert refused.value.details == ["HANDLE_INVALID", "host", "OpaqueRef:nobody"]


def test_a_reference_of_another_pool_is_an_invalid_handle(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.host.get_record(site.host("basalt-1").ref)
    assert refused.value.details[0] == "HANDLE_INVALID"


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"<methodCall>", b"<methodResponse/>", b"\xff\xfe\x00", b"<a/>"]
)
def test_a_body_that_is_no_call_gets_status_500(site: Site, body: bytes) -> None:
    assert post(site, body)[0] == 500


def test_no_async_form_of_a_session_call_exists(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.Async.session.logout()
    assert refused.value.details == ["MESSAGE_METHOD_UNKNOWN", "Async.session.logout"]


def test_text_with_markup_survives_the_trip(site: Site) -> None:
    session = site.session()
    pool = session.xenapi.pool.get_all()[0]
    session.xenapi.pool.set_name_description(pool, '<b>&amp; "ünï" ]]>')
    assert session.xenapi.pool.get_name_description(pool) == '<b>&amp; "ünï" ]]>'


def test_every_host_has_a_certificate_of_its_own(site: Site) -> None:
    seen = {}
    for name in ("amber-1", "amber-2"):
        pem = ssl.get_server_certificate((site.lab.address(name), site.lab.port))
        seen[name] = pem
        assert site.lab.certificate(name) == pem
    assert seen["amber-1"] != seen["amber-2"]


def test_a_session_that_this_master_never_gave_is_invalid(site: Site) -> None:
    assert b"<value>SESSION_INVALID</value>" in post(site, call("pool.get_all", "OpaqueRef:never-seen"))[1]


def raw(site: Site, sent: bytes) -> bytes:
    """What comes back for these very bytes, up to the end of the connection."""
    plain = socket.create_connection((site.lab.address("amber-1"), site.lab.port), timeout=10)
    with trusting().wrap_socket(plain) as connection:
        connection.sendall(sent)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def test_requests_sent_in_one_go_are_answered_in_their_order(site: Site) -> None:
    bodies = [call("session.login_with_password", "root", "baton-lab"), call("pool.get_all", "x")]
    head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n"
    first, last = (
        head.format(len(body), extra).encode() + body
        for body, extra in zip(bodies, ("", "Connection: close\r\n"), strict=True)
    )
    received = raw(site, first + last)
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.index(b"OpaqueRef:") < received.index(b"SESSION_INVALID")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.0\r\n\r\n", b"404"),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(
    site: Site, sent: bytes, status: bytes
) -> None:
    assert raw(site, sent).startswith(b"HTTP/1.1 " + status)


def test_a_body_beyond_any_call_is_refused(site: Site) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 6000000\r\n\r\n"
    assert raw(site, head + b"x" * (4 * 1024 * 1024 + 1)).startswith(b"HTTP/1.1 413")
