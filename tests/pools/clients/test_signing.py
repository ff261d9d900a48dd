"""CloudStack's signature, against the vector of its developers' guide and against a client of another author."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from cs import CloudStack as OtherClient
from hypothesis import given
from hypothesis import strategies as st

from pools.clients.signing import encoded, signature, signed
from pools.secret import Secret

API_KEY = "plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg"
SECRET = Secret("VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_the_guides_own_example_gets_its_signature() -> None:
    params = {"apikey": API_KEY, "command": "listUsers", "response": "json"}
    assert signature(params, SECRET) == "TTpdDq/7j/J58XCRHomKoQXEQds="


def test_blanks_stars_and_tildes_are_encoded_as_the_server_encodes_them() -> None:
    params = {
        "apikey": API_KEY,
        "command": "listHosts",
        "type": "Routing",
        "response": "json",
        "name": "xen host*~1",
        "signatureversion": "3",
        "expires": "2026-11-22T12:00:00+0000",
    }
    assert signature(params, SECRET) == "1BXLZBgq7HRKqCctxYcc7cgv0tY="


def test_the_query_expires_ten_minutes_from_now_in_utc() -> None:
    somewhere = NOW.astimezone(datetime.now().astimezone().tzinfo)
    query = parse_qs(signed("listHosts", {}, Secret("k"), SECRET, somewhere))
    assert query["expires"] == [(NOW + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%S+0000")]
    assert query["signatureversion"] == ["3"]


def test_parameter_names_are_sent_in_lower_case() -> None:
    query = parse_qs(signed("listHosts", {"clusterId": "7"}, Secret("k"), SECRET, NOW))
    assert query["clusterid"] == ["7"]


@pytest.mark.parametrize(
    ("value", "wire"), [("a b", "a%20b"), ("ü", "%C3%BC"), ("a.-*_b", "a.-*_b"), ("~()", "%7E%28%29")]
)
def test_values_are_encoded_like_javas_url_encoder(value: str, wire: str) -> None:
    assert encoded(value) == wire


@given(
    st.dictionaries(st.sampled_from(["name", "id", "keyword", "zoneid"]), st.text("abcÄ *+&=/%", max_size=12))
)
def test_another_client_signs_the_same(params: dict[str, str]) -> None:
    other = OtherClient(endpoint="http://127.0.0.1/", key="k", secret=SECRET.reveal())
    full = {**params, "command": "listhosts", "apikey": "k", "response": "json"}
    theirs = dict(full)
    other._sign(theirs)
    assert signature(full, SECRET) == theirs["signature"]
