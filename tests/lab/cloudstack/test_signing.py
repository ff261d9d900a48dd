"""The signature, against the vectors of CloudStack's own guide and of its server's code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lab.cloudstack.signing import is_genuine, java_encode, signature, string_to_sign

KEY = "plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg"
SECRET = "VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()


def signed(**params: str) -> dict[str, str]:
    return {**params, "signature": signature(params, SECRET)}


def test_the_developers_guide_signs_list_users_so() -> None:
    params = {"apikey": KEY, "command": "listUsers", "response": "json"}
    assert signature(params, SECRET) == "TTpdDq/7j/J58XCRHomKoQXEQds="


def test_the_servers_algorithm_signs_blanks_stars_tildes_and_colons_so() -> None:
    params = {
        "apiKey": KEY,
        "command": "listHosts",
        "type": "Routing",
        "response": "json",
        "name": "xen host*~1",
        "signatureVersion": "3",
        "expires": "2026-11-22T12:00:00+0000",
    }
    assert "name=xen%20host*%7e1&" in string_to_sign(params)
    assert signature(params, SECRET) == "1BXLZBgq7HRKqCctxYcc7cgv0tY="


def test_parameters_are_sorted_by_their_raw_names() -> None:
    assert string_to_sign({"a": "1", "Z": "2"}) == "z=2&a=1"


@pytest.mark.parametrize(
    ("value", "encoded"), [("a b", "a%20b"), ("~", "%7E"), ("*", "*"), ("[é]", "%5B%C3%A9%5D")]
)
def test_values_are_encoded_as_java_does(value: str, encoded: str) -> None:
    assert java_encode(value) == encoded


def test_a_request_changed_after_signing_is_not_genuine() -> None:
    request = signed(command="deleteHost", id="1")
    assert is_genuine(request, SECRET, NOW)
    assert not is_genuine({**request, "id": "2"}, SECRET, NOW)


def test_version_3_is_genuine_until_it_expires() -> None:
    request = signed(command="listHosts", signatureversion="3", expires="2026-11-22T12:00:00+0000")
    assert is_genuine(request, SECRET, NOW - 1)
    assert not is_genuine(request, SECRET, NOW + 1)


@pytest.mark.parametrize("expires", ["", "tomorrow", "2026-11-22T13:00:00"])
def test_version_3_without_a_date_and_zone_is_not_genuine(expires: str) -> None:
    request = signed(command="listHosts", signatureversion="3", expires=expires)
    assert not is_genuine(request, SECRET, NOW)


def test_an_offset_of_another_zone_is_understood() -> None:
    request = signed(command="listHosts", signatureversion="3", expires="2026-11-22T17:30:00+0530")
    assert is_genuine(request, SECRET, NOW - 1)
    assert not is_genuine(request, SECRET, NOW + 1)


def test_without_version_3_nothing_expires() -> None:
    assert is_genuine(signed(command="listHosts", expires="2001-01-01T00:00:00+0000"), SECRET, NOW)
