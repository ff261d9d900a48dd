"""A self-signed certificate for each host, as a fresh XenServer has one (CN = the host's name)."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEARS = 10


class Identity:
    """What a host shows to a TLS client; made when it is first asked for, and kept in a folder.

    A restarted lab with the same folder shows the same fingerprint.
    """

    def __init__(self, folder: Path, name: str, address: str) -> None:
        self._folder, self._name, self._address = folder, name, address
        self._context: ssl.SSLContext | None = None
        self._certificate = ""

    @property
    def made(self) -> bool:
        """There is a certificate already."""
        return bool(self._certificate) or self._context is not None

    @property
    def certificate(self) -> str:
        """In PEM, without the key."""
        if not self._certificate:
            self._certificate = certificate_of(certificate_file(self._folder, self._name, self._address))
        return self._certificate

    def context(self) -> ssl.SSLContext:
        """For the server's side of a handshake."""
        if self._context is None:
            path = certificate_file(self._folder, self._name, self._address).resolve()
            self._context = context(path, path.stat().st_mtime_ns)
        return self._context

    def renew(self) -> None:
        """Show another certificate from now on."""
        certificate_file(self._folder, self._name, self._address).unlink()
        self._context, self._certificate = None, ""


def certificate_file(folder: Path, name: str, address: str) -> Path:
    """Key and certificate in one PEM file; made once and kept, so that a restarted lab shows the same fingerprint."""
    path = folder / f"{name}.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_make(name, address))
    return path


def _make(name: str, address: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def certificate_of(path: Path) -> str:
    """The certificate of a PEM file, in PEM, without the key."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def fingerprint(pem: str) -> str:
    """SHA-256 of the certificate, in lower-case hex without colons."""
    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()


@lru_cache(maxsize=1)
def context(path: Path, _written: int) -> ssl.SSLContext:
    """TLS 1.2 and up, as xapi's stunnel offers it. Hosts that show one certificate, as of a whole domain, share it:
    made sixteen thousand times, it would keep a large lab busy for minutes."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(path)
    return made
