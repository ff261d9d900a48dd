"""The page on the control port, by HTTP as a browser without scripts uses it."""

from __future__ import annotations

import http.client
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.lab.conftest import Site


class Visitor:
    """Looks, sends forms, and follows where it is sent."""

    def __init__(self, site: Site) -> None:
        self.port = site.lab.control_port
        self.said = ""

    def get(self, path: str = "/") -> str:
        return self._ask("GET", path)[1]

    def send(self, path: str, **fields: str) -> str:
        """The page afterwards; ``said`` is what it tells of the order."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://127.0.0.1:{self.port}",
        }
        answer, _ = self._ask("POST", path, urlencode(fields), headers)
        assert answer.status == 303
        place = answer.headers["Location"]
        told = parse_qs(urlsplit(place).query)
        self.said = next(told[kind][0] for kind in ("done", "problem") if kind in told)
        return self.get(place)

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)


def test_it_shows_every_host_and_what_is_wrong_with_it(visitor: Visitor) -> None:
    text = visitor.get()
    assert all(f"{name}</b>" in text for name in ("amber-1", "basalt-5", "cobalt-3"))
    assert "disabled; unplugged: iscsi-1" in text
    assert "cobalt-2: Alert, Enabled" in text


def test_a_button_kills_and_another_mends(visitor: Visitor, site: Site) -> None:
    text = visitor.send("/break", kind="kill", where="basalt-2")
    assert visitor.said == "basalt-2: kill."
    assert '<li class="bad">' in text
    visitor.send("/mend", where="basalt-2")
    assert site.host("basalt-2").power == "booting"


def test_a_form_makes_a_fault_on_the_wire(visitor: Visitor, site: Site) -> None:
    text = visitor.send(
        "/break", kind="hang", where="amber-1", call="pool.*", times="2", delay="0.5", after="", what=""
    )
    [fault] = site.lab.world.faults.faults
    assert (fault.kind, fault.call, fault.times, fault.delay, fault.after) == ("hang", "pool.*", 2, 0.5, 0)
    assert "2 more" in text
    assert "fault: hang" in text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "hang", "where": "amber-1", "times": "often"}, "times is 'often', and should be a number"),
        ({"kind": "explode", "where": "amber-1"}, "nothing is called 'explode'"),
        ({"kind": "kill", "where": "<script>"}, "no host or pool is called '<script>'"),
    ],
)
def test_nonsense_is_told_on_the_page(fields: dict[str, str], says: str, visitor: Visitor) -> None:
    text = visitor.send("/break", **fields)
    assert says in visitor.said
    assert 'class="problem"' in text
    assert "<script>" not in text


def test_the_calls_follow_with_their_outcomes(visitor: Visitor, site: Site) -> None:
    site.session().xenapi.host.disable(site.host("amber-2").ref)
    text = visitor.get("/live")
    assert "<b>host.disable</b>" in text
    assert "baton-lab" not in text


def test_another_sites_form_breaks_nothing(visitor: Visitor, site: Site) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://evil.example"}
    answer, _ = visitor._ask("POST", "/break", urlencode({"kind": "kill", "where": "amber-1"}), headers)
    assert (answer.status, site.host("amber-1").power) == (403, "on")


def test_style_and_script_are_its_own(visitor: Visitor) -> None:
    assert "color-scheme" in visitor.get("/lab.css")
    assert "fetch" in visitor.get("/lab.js")
