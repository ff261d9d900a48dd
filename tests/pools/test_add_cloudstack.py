"""Adding a CloudStack by command."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from lab.testing import RunningLab, running_lab
from pools.models import CloudStack
from tests.pools.reach import answering, odd_server

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as lab:
        yield lab


@pytest.fixture
def lab(the_lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningLab]:
    monkeypatch.setenv("API_KEY", the_lab.api_key)
    monkeypatch.setenv("SECRET_KEY_OF_LAB", the_lab.secret_key)
    yield the_lab
    the_lab.mend()


def add(url: str, name: str = "lab") -> str:
    out = io.StringIO()
    call_command(
        "add_cloudstack", name, url=url, api_key_env="API_KEY", secret_key_env="SECRET_KEY_OF_LAB", stdout=out
    )
    return out.getvalue()


def refused(url: str, name: str = "lab") -> str:
    before = CloudStack.objects.count()
    with pytest.raises(CommandError) as no:
        add(url, name)
    assert CloudStack.objects.count() == before
    return str(no.value)


def test_a_cloudstack_is_added_with_its_version(lab: RunningLab) -> None:
    assert "Added CloudStack lab, version 4." in add(lab.cloudstack_url)
    stored = CloudStack.objects.get()
    assert (stored.version[:2], stored.secret_key.reveal()) == ("4.", lab.secret_key)
    assert lab.secret_key not in repr(stored.__dict__)


def test_wrong_keys_are_named(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_OF_LAB", "wrong")
    assert "the API key or the secret key is wrong" in refused(lab.cloudstack_url)


def test_keys_without_rights_are_named(lab: RunningLab) -> None:
    what = "401,The given command 'listHosts' either does not exist\\, is not available for user."
    lab.break_("error", "cloudstack", call="listHosts", what=what)
    assert "does not permit listHosts" in refused(lab.cloudstack_url)


def test_a_clock_off_by_an_hour_is_named(lab: RunningLab) -> None:
    lab.break_("clock-skew", "cloudstack", delay=3600)
    said = refused(lab.cloudstack_url)
    assert "60 minutes ahead of ours" in said
    assert "NTP" in said


def test_a_url_that_is_something_else_is_named(lab: RunningLab) -> None:
    with odd_server(answering(b"<html>hello</html>", "404 Not Found")) as server:
        assert "usually ends in /client/api" in refused(f"http://127.0.0.1:{server.port}/")
    for odd in (
        "cloud.example.org/client/api",
        "http://me:word@127.0.0.1/client/api",
        "http://127.0.0.1/api?a=b",
        "http://127.0.0.1/api#a",
        "http://127.0.0.1:99999/api",
        "http://127.0.0.1:abc/api",
        "http://[",
        " http://127.0.0.1/api",
        "http://a..b/api",
        "http://127.0.0.1/" + "a" * 300,
    ):
        assert "not such a URL as" in refused(odd)


def test_the_same_cloudstack_is_not_added_twice(lab: RunningLab) -> None:
    add(lab.cloudstack_url)
    assert "named lab already" in refused(lab.cloudstack_url)
    assert "known already" in refused(lab.cloudstack_url, "other")


def test_keys_come_from_variables_and_never_from_arguments(lab: RunningLab) -> None:
    with pytest.raises(CommandError, match="--api-key-env VARIABLE"):
        call_command("add_cloudstack", "lab", url=lab.cloudstack_url)
