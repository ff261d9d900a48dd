"""Whatever is sent: no crash of the lab, no success without a signature, and always an answer that can be read."""

from __future__ import annotations

import json
from functools import cache
from xml.dom.minidom import parseString

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.cloudstack.api import receive
from lab.cloudstack.registry import COMMANDS
from lab.cloudstack.signing import signature
from lab.cloudstack.state import ADMIN_KEYS, USER_KEYS
from tests.lab.cloudstack.conftest import Site

SLOW = {"addHost", "updateCluster"}
STATUSES = {200, 401, 431, 432, 530, 534}
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
