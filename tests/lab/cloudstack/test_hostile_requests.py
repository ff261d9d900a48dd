"""Whatever is sent: no crash of the lab, no success without a signature, and always an answer that can be read."""

from __future__ import annotations

import json
from functools import cache
from urllib.parse import quote_from_bytes
from xml.dom.minidom import parseString

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.cloudstack.api import receive
from lab.cloudstack.registry import COMMANDS
from lab.cloudstack.server import handler
from lab.cloudstack.signing import signature
from lab.cloudstack.state import ADMIN_KEYS, USER_KEYS
from lab.server.http import Request, Response
from tests.lab.cloudstack.conftest import Site
from tests.support.loops import awaited

SLOW = {"addHost", "updateCluster"}
STATUSES = {200, 400, 401, 431, 432, 530, 531, 533, 534}
names = st.sampled_from(
    [
        "id",
        "name",
        "page",
        "pagesize",
        "keyword",
        "details",
        "url",
        "zoneid",
        "podid",
        "hypervisor",
        "jobid",
        "value",
        "X-y",
    ]
)
values = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "-1", "0", "1", "10", "http://[", "%", "~*", "é"])
)
requests = st.dictionaries(names, values, max_size=5)


@cache
def shared_site() -> Site:
    return Site()


@given(command=st.sampled_from([*COMMANDS, "deleteEverything", ""]), params=requests, signed=values)
@settings(max_examples=60, deadline=None)
def test_without_a_genuine_signature_the_answer_is_always_401(
    command: str, params: dict[str, str], signed: str
) -> None:
    site = shared_site()
    request = {**params, "command": command, "apikey": ADMIN_KEYS[0], "response": "json", "signature": signed}
    process = receive(site.cloud, request).run()
    assert process.result.status == 401
    assert json.loads(process.result.body)
    assert site.world.crashes == []


@given(command=st.sampled_from(sorted(set(COMMANDS) - SLOW)), params=requests, as_json=st.booleans())
@settings(max_examples=120, deadline=None)
def test_signed_nonsense_is_answered_in_the_form_asked_for(
    command: str, params: dict[str, str], as_json: bool
) -> None:
    site = shared_site()
    request = {
        **params,
        "command": command,
        "apikey": ADMIN_KEYS[0],
        "response": "json" if as_json else "xml",
    }
    request["signature"] = signature(request, ADMIN_KEYS[1])
    process = receive(site.cloud, request).run()
    assert process.result.status in STATUSES
    read = json.loads if as_json else parseString
    assert read(process.result.body)
    assert site.world.crashes == []


@given(command=st.sampled_from(sorted(COMMANDS)), params=requests)
@settings(max_examples=60, deadline=None)
def test_a_user_never_succeeds_with_a_command_of_the_admins(command: str, params: dict[str, str]) -> None:
    site = shared_site()
    request = {**params, "command": command, "apikey": USER_KEYS[0], "response": "json"}
    request["signature"] = signature(request, USER_KEYS[1])
    process = receive(site.cloud, request).run()
    assert process.result.status != 200 or COMMANDS[command].for_users
    assert site.world.crashes == []


BYTES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"",
            b"command=listHosts&response=json",
            b"command=login&username=admin&password=%00",
            b"command=logout",
            b"command=listHosts&command=listZones&signature=%FF%FE&apikey=lab-api-key",
            b"&&==%%%",
        ]
    ),
)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    path=st.sampled_from(["/client/api", "/client/api/", "/client", "//client/api", "/client/api/../api"]),
    query=BYTES,
    body=BYTES,
    cookie=st.one_of(
        st.text(max_size=30), st.sampled_from(["JSESSIONID=x; sessionkey=y", "JSESSIONID", ";;;="])
    ),
)
@settings(max_examples=80, deadline=None)
def test_no_bytes_without_proof_are_answered_with_success(
    method: str, path: str, query: bytes, body: bytes, cookie: str
) -> None:
    site = shared_site()
    target = f"{path}?{quote_from_bytes(query, safe='=&%')}"
    headers = {"content-type": "application/x-www-form-urlencoded", "cookie": cookie}
    request = Request(method, target, headers, body)

    async def answer() -> Response:
        return await handler(site.cloud)(request)

    response = awaited(answer())
    assert response.status != 200 or b"logout" in query + body
    assert response.body
    assert site.world.crashes == []
