"""Whom the clients believe, on real TLS."""

from __future__ import annotations

import ssl
from dataclasses import replace

import pytest

from lab.testing import RunningLab
from pools.clients.errors import TlsFailed, TlsUntrusted
from pools.clients.master import open_session
from pools.clients.trust import Trust, fingerprint_of_pem, normal
from pools.clients.wire import first_contact
from tests.pools.reach import odd_server, plainly, silent, to_pool


def test_first_contact_shows_the_certificates_fingerprint_and_sends_nothing(lab: RunningLab) -> None:
    before = len(lab.calls())
    assert first_contact(lab.address("amber-1"), lab.port) == lab.fingerprint("amber-1")
    assert len(lab.calls()) == before


def test_a_pinned_certificate_is_believed(lab: RunningLab) -> None:
    with open_session(to_pool(lab, "amber-1", pinned=("amber-1",))) as xapi:
        assert xapi.call("pool.get_all")


def test_another_certificate_than_the_pinned_is_refused_before_a_byte_is_sent(lab: RunningLab) -> None:
    before = len(lab.calls())
    with pytest.raises(TlsUntrusted) as refused, open_session(to_pool(lab, "amber-1", pinned=("amber-2",))):
        pass
    assert refused.value.fingerprint == lab.fingerprint("amber-1")
    assert len(lab.calls()) == before


def test_without_pins_a_self_signed_certificate_is_refused_and_its_fingerprint_shown(lab: RunningLab) -> None:
    endpoint = replace(to_pool(lab, "amber-1"), trust=Trust())
    with pytest.raises(TlsUntrusted, match="self-signed") as refused, open_session(endpoint):
        pass
    shown = lab.fingerprint("amber-1").upper()
    assert ":".join(shown[i : i + 2] for i in range(0, 64, 2)) in refused.value.says


def test_a_certificate_signed_by_the_given_authority_is_believed(lab: RunningLab) -> None:
    pem = lab.certificate("amber-1")
    endpoint = replace(to_pool(lab, "amber-1"), trust=Trust(ca=pem))
    with open_session(endpoint) as xapi:
        assert xapi.call("pool.get_all")


def test_a_server_without_tls_is_named_as_such() -> None:
    with odd_server(silent, greeting=b"SSH-2.0-OpenSSH_9.2\r\n") as server:
        with pytest.raises(TlsFailed, match="check the port"):
            first_contact("127.0.0.1", server.port)


def test_a_password_is_never_sent_in_clear_because_tls_fails() -> None:
    with odd_server(silent, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        pinned = replace(plainly(server), trust=Trust(frozenset({"ab" * 32})))
        with pytest.raises(TlsFailed), open_session(pinned):
            pass
        assert not server.requests


@pytest.mark.parametrize(
    "pasted",
    [
        "ab" * 32,
        ("AB:" * 32).rstrip(":"),
        "sha256 Fingerprint=" + ("AB:" * 32).rstrip(":"),
        "  " + " ".join(["ab"] * 32) + "\n",
    ],
)
def test_a_fingerprint_is_taken_however_it_is_pasted(pasted: str) -> None:
    assert normal(pasted) == "ab" * 32


@pytest.mark.parametrize("pasted", ["", "ab" * 20, "zz" * 32, "sha1 Fingerprint=AB:CD"])
def test_what_is_no_sha256_fingerprint_is_refused_with_a_cure(pasted: str) -> None:
    with pytest.raises(ValueError, match="openssl x509"):
        normal(pasted)


def test_the_fingerprint_of_a_pem_is_that_of_its_certificate(lab: RunningLab) -> None:
    pem = ssl.get_server_certificate((lab.address("amber-1"), lab.port))
    assert fingerprint_of_pem("a comment\n" + pem) == lab.fingerprint("amber-1")
    with pytest.raises(ValueError, match="no certificate"):
        fingerprint_of_pem("nothing here")
