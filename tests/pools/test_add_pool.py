"""Adding a pool by command: what is said when anything is wrong, and that nothing is stored then."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from lab.testing import RunningLab, running_lab
from pools.clients.master import open_session
from pools.connect import endpoint
from pools.management import secrets
from pools.models import CloudStack, Pool
from tests.pools.lab import cloudstack_of
from tests.pools.reach import answering, odd_server, silent

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as lab:
        yield lab


@pytest.fixture
def lab(the_lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningLab]:
    monkeypatch.setenv("ROOT_PASSWORD", the_lab.password)
    yield the_lab
    the_lab.mend()


def add(lab: RunningLab, name: str = "amber", **changes: Any) -> str:
    """Run the command as a team would, with some options different; None leaves one out. Returns what it prints."""
    options: dict[str, Any] = {
        "address": [lab.address("amber-1")],
        "port": lab.port,
        "password-env": "ROOT_PASSWORD",
        "fingerprint": lab.fingerprint("amber-1"),
        **{key.replace("_", "-"): value for key, value in changes.items()},
    }
    out = io.StringIO()
    call_command("add_pool", *words(name, options), stdout=out)
    return out.getvalue()


def words(name: str, options: dict[str, Any]) -> list[str]:
    """The command line."""
    line = []
    for option, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            line += [] if one is None else [f"--{option}"] if one is True else [f"--{option}", str(one)]
    return [*line, "--", name]


def refused(lab: RunningLab, name: str = "amber", **changes: Any) -> str:
    """The one sentence that the command ends with; nothing may be stored."""
    before = Pool.objects.count()
    with pytest.raises(CommandError) as no:
        add(lab, name, **changes)
    assert no.value.returncode == 1
    assert Pool.objects.count() == before
    return str(no.value)


def test_a_pool_is_added_with_all_that_is_needed_to_find_it_again(lab: RunningLab) -> None:
    cloudstack_of(lab)
    said = add(lab, cloudstack="lab", cluster="amber")
    assert "Added pool amber" in said
    pool = Pool.objects.get(name="amber")
    assert pool.uuid == lab.world.pool("amber").uuid
    assert pool.addresses == [lab.address(f"amber-{j}") for j in (1, 2, 3, 4)]
    assert set(pool.pins) == {lab.fingerprint(f"amber-{j}") for j in (1, 2, 3, 4)}
    assert (pool.cluster, pool.zone, pool.user) == ("amber", "AMS-1", "root")


def test_a_stored_pool_can_be_logged_in_to(lab: RunningLab) -> None:
    add(lab)
    with open_session(endpoint(Pool.objects.get())) as xapi:
        assert xapi.address == lab.address("amber-1")


def test_the_password_is_not_in_the_database_in_clear(lab: RunningLab) -> None:
    add(lab)
    with connection.cursor() as cursor:
        cursor.execute("select password from pools_pool")
        (stored,) = cursor.fetchone()
    assert lab.password not in stored
    assert lab.password not in repr(Pool.objects.get().__dict__)


def test_a_members_address_leads_to_the_master_and_says_so(lab: RunningLab) -> None:
    said = add(lab, address=[lab.address("amber-3")], fingerprint=lab.fingerprint("amber-3"))
    assert f"{lab.address('amber-3')} named {lab.address('amber-1')} as the pool's master" in said
    assert Pool.objects.get().addresses[:2] == [lab.address("amber-1"), lab.address("amber-3")]


def test_a_wrong_password_is_named(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOT_PASSWORD", "not-this")
    said = refused(lab)
    assert "the password (or the user) is wrong" in said
    assert "not-this" not in said


def test_a_wrong_port_is_named(lab: RunningLab) -> None:
    with odd_server(silent) as server:
        pass
    assert "refuses the connection" in refused(lab, port=server.port)
    assert "Check the port" in refused(lab, port=server.port)


def test_what_is_not_a_xenserver_is_named(lab: RunningLab) -> None:
    with odd_server(answering(b"<html>hello</html>")) as server:
        said = refused(lab, address=["127.0.0.1"], port=server.port, fingerprint=None, plain_http=True)
    assert "is not a XenServer" in said


@pytest.mark.parametrize(
    "odd", ["https://127.10.1.1/", "127.10.1.1:443", "[::1]", "[", "", "  ", "a b", "a..b", "x" * 300, "u@h"]
)
def test_an_address_is_nothing_but_an_address(lab: RunningLab, odd: str) -> None:
    said = refused(lab, address=[lab.address("amber-1"), odd])
    assert f"{odd!r} is no address: give an IP address or a host name alone" in said


def test_a_name_that_does_not_fit_is_refused_before_anything_is_asked(lab: RunningLab) -> None:
    assert "at most 64 characters" in refused(lab, name="x" * 65)


def test_an_unknown_certificate_is_shown_for_comparison(lab: RunningLab) -> None:
    said = refused(lab, fingerprint=None)
    shown = lab.fingerprint("amber-1")
    assert "openssl x509 -noout -fingerprint -sha256" in said
    assert ":".join(shown[i : i + 2] for i in range(0, 64, 2)).upper() in said
    assert f"--fingerprint {shown}" in said


def test_another_certificate_than_the_given_is_refused(lab: RunningLab) -> None:
    assert "none of those that were pinned" in refused(lab, fingerprint=lab.fingerprint("amber-2"))


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody at the keyboard; the list holds the answers still to be typed."""
    answers: list[str] = []
    monkeypatch.setattr(secrets.sys, "stdin", _Terminal())
    monkeypatch.setattr("builtins.input", lambda _: answers.pop(0))
    monkeypatch.setattr(secrets, "getpass", lambda _: answers.pop(0))
    return answers


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_who_compared_the_fingerprint_may_trust_it(lab: RunningLab, person: list[str]) -> None:
    person += [lab.password, "yes"]
    add(lab, fingerprint=None, password_env=None)
    assert lab.fingerprint("amber-1") in Pool.objects.get().pins


def test_a_person_who_does_not_agree_adds_nothing(lab: RunningLab, person: list[str]) -> None:
    person += ["no"]
    assert "is not trusted" in refused(lab, fingerprint=None)


def test_without_a_person_the_password_must_come_from_a_variable(lab: RunningLab) -> None:
    assert "--password-env VARIABLE" in refused(lab, password_env=None)
    assert "NOT_SET is empty or not set" in refused(lab, password_env="NOT_SET")


def test_the_same_pool_is_not_added_twice(lab: RunningLab) -> None:
    add(lab)
    assert "There is a pool named amber already" in refused(lab)
    by_a_member = {"address": [lab.address("amber-2")], "fingerprint": lab.fingerprint("amber-2")}
    assert "known already, as amber" in refused(lab, "other", **by_a_member)


def test_an_address_of_another_pool_is_named(lab: RunningLab) -> None:
    said = refused(lab, address=[lab.address("amber-1"), lab.address("basalt-1")])
    assert f"{lab.address('basalt-1')} is not a member of the pool amber" in said


def test_an_unknown_cluster_is_refused_with_the_names_there_are(lab: RunningLab) -> None:
    cloudstack_of(lab)
    assert "it has amber, basalt, cobalt" in refused(lab, cloudstack="lab", cluster="Amber")


def test_a_cluster_of_other_hosts_is_refused(lab: RunningLab) -> None:
    cloudstack_of(lab)
    said = refused(lab, cloudstack="lab", cluster="basalt")
    assert "None of the hosts in CloudStack's cluster basalt" in said
    assert lab.address("amber-1") in said


def test_a_cluster_belongs_to_one_pool_only(lab: RunningLab) -> None:
    cloudstack_of(lab)
    add(lab, cloudstack="lab", cluster="amber")
    basalt = {"address": [lab.address("basalt-1")], "fingerprint": lab.fingerprint("basalt-1")}
    said = refused(lab, "basalt", cloudstack="lab", cluster="amber", **basalt)
    assert "belongs to the pool amber already" in said


def test_an_unknown_cloudstack_is_refused_with_the_command_that_adds_it(lab: RunningLab) -> None:
    said = refused(lab, cloudstack="nowhere", cluster="amber")
    assert "add_cloudstack" in said
    assert not CloudStack.objects.exists()


def test_a_cloudstack_without_a_cluster_is_refused(lab: RunningLab) -> None:
    cloudstack_of(lab)
    assert "belong together" in refused(lab, cloudstack="lab")


def test_a_cloudstack_in_trouble_is_the_one_named(lab: RunningLab) -> None:
    cloudstack_of(lab)
    lab.break_("clock-skew", "cloudstack", delay=3600)
    assert "60 minutes ahead of ours" in refused(lab, cloudstack="lab", cluster="amber")


@pytest.mark.parametrize("name", ["has blanks", "a/b", ""])
def test_a_name_must_fit_into_an_address(lab: RunningLab, name: str) -> None:
    assert "no name for a pool" in refused(lab, name)


def test_trust_is_said_in_one_way_only(lab: RunningLab, tmp_path: Path) -> None:
    assert "one of --fingerprint, --ca and --plain-http" in refused(lab, plain_http=True)
    (tmp_path / "ca.pem").write_text("nothing")
    assert "no certificate in PEM" in refused(lab, fingerprint=None, ca=tmp_path / "ca.pem")
    assert "cannot be read" in refused(lab, fingerprint=None, ca=tmp_path / "missing.pem")


def test_an_authority_may_vouch_for_the_certificates(lab: RunningLab, tmp_path: Path) -> None:
    pem = tmp_path / "ca.pem"
    pem.write_text(lab.certificate("amber-1"))
    add(lab, fingerprint=None, ca=pem)
    assert (Pool.objects.get().pins, Pool.objects.get().ca) == ([], pem.read_text())


def test_a_key_that_lies_beside_the_certificate_is_not_stored(lab: RunningLab, tmp_path: Path) -> None:
    pem = tmp_path / "both.pem"
    certificate = lab.certificate("amber-1")
    pem.write_text(f"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n{certificate}")
    add(lab, fingerprint=None, ca=pem)
    assert Pool.objects.get().ca == certificate
