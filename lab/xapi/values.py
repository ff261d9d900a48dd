"""Values that a dialect of the wire spells in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Stamp:
    """A ``datetime`` of the datamodel: lab seconds since 1970."""

    seconds: float

    def text(self) -> str:
        """``YYYYMMDDTHH:MM:SSZ``, without dashes and with the Z (ocaml/libs/clock/date.ml)."""
        return datetime.fromtimestamp(self.seconds, UTC).strftime("%Y%m%dT%H:%M:%SZ")


EPOCH = Stamp(0.0)


class Int32(int):
    """The one integer that XML-RPC types: a count in ``valid_ref_counts``."""
