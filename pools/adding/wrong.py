"""Why something cannot be added: the field that is to blame, and a sentence with cause and cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pools.clients.errors import ClientError, TlsUntrusted


class Wrong(Exception):
    """It cannot be added so. `seen` is the fingerprint of a certificate that nobody has vouched for yet."""

    def __init__(self, field: str, says: str, seen: str = "") -> None:
        super().__init__(says)
        self.field, self.says, self.seen = field, says, seen


@contextmanager
def blaming(fields: Mapping[str, str]) -> Iterator[None]:
    """Turns a client's error into Wrong. `fields` says which field a code speaks of; the empty code is all others."""
    try:
        yield
    except ClientError as error:
        seen = error.fingerprint if isinstance(error, TlsUntrusted) else ""
        wrong = Wrong("fingerprint" if seen else fields.get(error.code, fields[""]), error.says, seen)
    else:
        return
    raise wrong  # outside the handler, so that no traceback leads to frames that hold a secret
