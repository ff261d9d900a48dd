"""CloudStack's two envelopes, JSON and XML, byte for byte in shape (ApiResponseSerializer)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from lab.cloudstack.errors import ApiError

Record = dict[str, Any]
JSON_TYPE = "application/json; charset=UTF-8"
XML_TYPE = "text/xml; charset=UTF-8"
NOT_IN_HEADERS = re.compile("[^\x20-\x7e]+")
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Listing:
    """A page of a list: the ``element`` its records are called, and how many there are over all pages."""

    element: str
    records: Sequence[Mapping[str, Any]]
    total: int

    def body(self) -> Record:
        """``{}`` when nothing matches; the count alone when the page lies beyond the end."""
        if self.total == 0:
            return {}
        page: Record = (
            {self.element: [without_nulls(record) for record in self.records]} if self.records else {}
        )
        return {"count": self.total, **page}


def date(moment: float) -> str:
    """Seconds since 1970 as the API writes a date: no colon in the offset."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def without_nulls(record: Mapping[str, Any]) -> Record:
    """The record as it is serialized: a field without a value is left out."""
    return {name: value for name, value in record.items() if value is not None}


def error_body(error: ApiError) -> Record:
    """What stands under the answer's key when it is a refusal."""
    return without_nulls(
        {"uuidList": [], "errorcode": error.code, "cserrorcode": error.cause, "errortext": error.text}
    )


def reply(key: str, body: Mapping[str, Any], *, as_json: bool, error: ApiError | None = None) -> Reply:
    """The answer under its single top key; an error's text also goes into ``X-Description``."""
    text = json.dumps({key: body}) if as_json else _xml_document(key, body)
    headers = [("Content-Type", JSON_TYPE if as_json else XML_TYPE), ("X-Content-Type-Options", "nosniff")]
    if error is not None:
        headers.append(("X-Description", _header_text(error.text)))
    return Reply(200 if error is None else error.code, tuple(headers), text.encode())


def _header_text(text: str) -> str:
    """Printable and on one line: what a caller sent is quoted in it."""
    return NOT_IN_HEADERS.sub(" ", text).strip()


def _xml_document(key: str, body: Mapping[str, Any]) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><{key}>{_xml_children(body)}</{key}>'


def _xml_children(body: Mapping[str, Any]) -> str:
    return "".join(_xml_element(name, value) for name, value in body.items())


def _xml_element(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{_xml_children(value)}</{name}>"
    if isinstance(value, list):
        return "".join(_xml_element(name, item) for item in value)
    text = str(value).lower() if isinstance(value, bool) else escape(NOT_IN_XML.sub("?", str(value)))
    return f"<{name}>{text}</{name}>"
