"""Passwords and keys at rest: encrypted with `CREDENTIAL_KEYS`, of which the first encrypts and all decrypt.

Each key is a text of any form; the Fernet key is its SHA-256. To change keys put the new one first, run
`python manage.py rotate_credentials`, and then take the old one away.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from pools.secret import Secret


class CredentialsUnreadable(ImproperlyConfigured):
    """A stored value that none of the keys decrypts."""

    def __init__(self) -> None:
        super().__init__(
            "A stored password or key cannot be decrypted with CREDENTIAL_KEYS (or SECRET_KEY, when that is unset): "
            "add the key that it was encrypted with to the end of CREDENTIAL_KEYS, or enter the credentials again."
        )


def fernet() -> MultiFernet:
    """The keys in force."""
    keys: list[str] = list(getattr(settings, "CREDENTIAL_KEYS", None) or [settings.SECRET_KEY])
    return MultiFernet(
        [Fernet(urlsafe_b64encode(sha256(b"baton credentials:" + key.encode()).digest())) for key in keys]
    )


def seal(secret: Secret) -> str:
    """The text to store. An empty secret stays empty."""
    if isinstance(secret, Sealed):
        return secret.token
    return fernet().encrypt(secret.reveal().encode()).decode() if secret else ""


class Sealed(Secret):
    """A secret as stored. It is opened only when it is used, so that a lost key breaks a login and no page."""

    __slots__ = ()

    @property
    def token(self) -> str:
        return self._text

    def reveal(self) -> str:
        """The text; raises `CredentialsUnreadable`."""
        if not self._text:
            return ""
        try:
            return fernet().decrypt(self._text.encode()).decode()
        except InvalidToken:
            raise CredentialsUnreadable from None

    def rotated(self) -> Sealed:
        """The same secret under the first key."""
        if not self._text:
            return self
        try:
            return Sealed(fernet().rotate(self._text.encode()).decode())
        except InvalidToken:
            raise CredentialsUnreadable from None


if TYPE_CHECKING:
    _Text = models.TextField[Secret | str, Secret]
else:
    _Text = models.TextField


class EncryptedTextField(_Text):
    """A column that holds ciphertext and an attribute that is a `Secret`. It cannot be searched."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Secret | None:
        return value if value is None or isinstance(value, Secret) else Secret(value)

    def get_prep_value(self, value: Any) -> str | None:
        secret = self.to_python(value)
        return None if secret is None else seal(secret)
