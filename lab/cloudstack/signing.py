"""How CloudStack signs a request (ApiServer.verifyRequest), and what it takes for expired.

The pairs are sorted by name, values are encoded as Java's URLEncoder does (with a blank as ``%20``), the
whole is lower cased and signed with HMAC-SHA1. Java leaves ``*`` alone and encodes ``~``; Python's ``quote``
does the opposite.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

EXPIRES_FORMATS = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z")


def java_encode(value: str) -> str:
    """``URLEncoder.encode(value, "UTF-8")`` with ``+`` as ``%20``."""
    return quote(value, safe="*").replace("~", "%7E")


def string_to_sign(params: Mapping[str, str]) -> str:
    """The text under the signature: every parameter but ``signature``, names raw, in natural order."""
    pairs = sorted((name, value) for name, value in params.items() if name.lower() != "signature")
    return "&".join(f"{name}={java_encode(value)}" for name, value in pairs).lower()


def signature(params: Mapping[str, str], secret: str) -> str:
    """The Base64 signature of ``params``; it must be URL-encoded to travel."""
    digest = hmac.new(secret.encode(), string_to_sign(params).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def parse_expires(text: str) -> datetime | None:
    """The moment ``expires`` names, or None where CloudStack cannot parse it. A zone is required."""
    for form in EXPIRES_FORMATS:
        try:
            return datetime.strptime(text, form).astimezone(UTC)
        except ValueError:
            continue
    return None


def is_genuine(params: Mapping[str, str], secret: str, now: float, longest: float | None = None) -> bool:
    """Whether the request bears a good signature and, where it is of version 3, has not expired at ``now``.

    ``now`` is in seconds since 1970. Without ``signatureversion=3`` an ``expires`` means nothing; with ``longest`` it
    is demanded, and may lie that many seconds ahead.
    """
    folded = {name.lower(): value for name, value in params.items()}
    if folded.get("signatureversion") == "3":
        expires = parse_expires(folded.get("expires", ""))
        if expires is None or expires.timestamp() < now:
            return False
        if longest is not None and expires.timestamp() > now + longest:
            return False
    elif longest is not None:
        return False
    given = folded.get("signature", "")
    return hmac.compare_digest(given.encode(), signature(params, secret).encode())
