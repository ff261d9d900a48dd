"""Whom to believe: TLS is checked against pins, an authority's file, or the system's authorities; never not at all,
unless plain HTTP was asked for in so many words."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from hashlib import sha256

HEX = frozenset("0123456789abcdef")
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Trust:
    """`pins` are SHA-256 fingerprints of certificates (DER) as `normal` writes them: one of them must be shown, and
    nothing else is asked. Without pins the chain and the name are checked against `ca` (PEM), or the system's
    authorities when that is empty. `plain` means no TLS."""

    pins: frozenset[str] = frozenset()
    ca: str = ""
    plain: bool = False

    @property
    def scheme(self) -> str:
        return "http" if self.plain else "https"

    def context(self) -> ssl.SSLContext:
        """For the handshake. With pins it accepts any certificate: the caller must compare before it sends a byte."""
        if self.pins:
            return unchecked_context()
        return ssl.create_default_context(cadata=self.ca or None)

    def accepts(self, fingerprint: str) -> bool:
        """Whether a certificate that passed the handshake is believed."""
        return not self.pins or fingerprint in self.pins

    def also(self, *fingerprints: str) -> Trust:
        """The same with more pins, where pins are what is trusted."""
        return Trust(self.pins | set(fingerprints), self.ca, self.plain) if self.pins else self


def unchecked_context() -> ssl.SSLContext:
    """A context that takes any certificate: for pins, and to see a fingerprint at first contact."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate, as 64 small hex digits."""
    return sha256(der).hexdigest()


def fingerprint_of_pem(pem: str) -> str:
    """SHA-256 of the first certificate in a PEM text. Raises ValueError when there is none."""
    start, end = pem.find("-----BEGIN CERTIFICATE-----"), pem.find("-----END CERTIFICATE-----")
    if start < 0 or end < start:
        raise ValueError("no certificate in this text")
    return fingerprint(ssl.PEM_cert_to_DER_cert(pem[start:end] + "-----END CERTIFICATE-----"))


def normal(text: str) -> str:
    """A fingerprint as people paste it (openssl's whole line, colons, blanks, capitals) in our form. Raises
    ValueError with a sentence."""
    bare = text.rsplit("=", 1)[-1].strip().lower().replace(":", "").replace(" ", "")
    if len(bare) != 64 or not HEX.issuperset(bare):
        raise ValueError(
            "This is not a SHA-256 fingerprint: it has 64 hex digits, with or without colons. "
            "openssl x509 -noout -fingerprint -sha256 -in FILE prints it."
        )
    return bare


def authority(pem: str) -> str:
    """The certificates in the text, when TLS can check others with them. What else stands in the file is dropped:
    it may be a private key, and would lie in the database in clear. Raises ValueError with a sentence."""
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise ValueError(
            "This holds no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----."
        ) from None
    return "\n".join(CERTIFICATE.findall(pem)) + "\n"
