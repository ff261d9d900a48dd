"""CloudStack's request signature, version 3 (ApiServer.verifyRequest; developers' guide)."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pools.secret import Secret

LIFE = timedelta(minutes=10)
"""How long a signed request may be used: newer servers take 15 minutes at most."""


def encoded(value: str) -> str:
    """As Java's URLEncoder writes it, with blanks as %20: only letters, digits and `.-*_` stay."""
    return quote(value, safe="*").replace("~", "%7E")


def signature(params: Mapping[str, str], secret: Secret) -> str:
    """HMAC-SHA1 over the sorted, lower-cased parameters, in Base64. Names must be in lower case already: then the
    server's order and everybody else's agree."""
    text = "&".join(f"{name}={encoded(params[name])}" for name in sorted(params)).lower()
    return b64encode(hmac.digest(secret.reveal().encode(), text.encode(), "sha1")).decode()


def signed(
    command: str, params: Mapping[str, str], api_key: Secret, secret_key: Secret, now: datetime
) -> str:
    """The whole query, signed and encoded."""
    full = {name.lower(): value for name, value in params.items()} | {
        "command": command,
        "response": "json",
        "apikey": api_key.reveal(),
        "signatureversion": "3",
        "expires": (now.astimezone(UTC) + LIFE).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    full["signature"] = signature(full, secret_key)
    return "&".join(f"{name}={encoded(full[name])}" for name in sorted(full))
