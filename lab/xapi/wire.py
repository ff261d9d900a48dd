"""XML-RPC the way xapi writes it: strings and ints untyped, dates with a Z, void an empty value (mirage/ocaml-rpc)."""

from __future__ import annotations

import re
import xmlrpc.client
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from lab.world.refusal import Refusal
from lab.xapi.values import Int32, Stamp

LIST_METHODS = "system.listMethods"
HEAD = '<?xml version="1.0"?>'
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SPECIAL = re.compile(f"[&<>]|{CONTROL.pattern}")


class Unreadable(Exception):
    """A body that is no method call; xapi answers it with HTTP 500."""


@dataclass(frozen=True)
class XmlCall:
    """A request and the shape of its answers."""

    method: str
    args: list[Any]
    content_type = "text/xml"

    def success(self, value: Any) -> bytes:
        """A struct with status and value; only ``system.listMethods`` answers bare, as introspection wants it."""
        if self.method == LIST_METHODS:
            return _document(encode(value))
        return _response(f"{_member('Status', 'Success')}{_member('Value', value)}")

    def failure(self, refusal: Refusal) -> bytes:
        """An error is a struct too, never an XML-RPC fault."""
        return _response(f"{_member('Status', 'Failure')}{_member('ErrorDescription', refusal.description)}")

    early_failure = failure


def read_call(body: bytes) -> XmlCall:
    """The call in a request body; Unreadable if it is none."""
    try:
        args, method = xmlrpc.client.loads(body)
    except (
        ExpatError,
        xmlrpc.client.Error,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
    ) as problem:
        raise Unreadable(str(problem)) from problem
    if not isinstance(method, str) or not method:
        raise Unreadable("no method name")
    return XmlCall(method, list(args))


def _response(members: str) -> bytes:
    return _document(f"<value><struct>{members}</struct></value>")


def _document(value: str) -> bytes:
    return f"{HEAD}<methodResponse><params><param>{value}</param></params></methodResponse>".encode()


def _member(name: str, value: Any) -> str:
    return f"<member><name>{_text(name)}</name>{encode(value)}</member>"


def encode(value: Any) -> str:
    """One ``<value>`` element. Texts come first: they are most of every record."""
    if isinstance(value, str):
        return f"<value>{_text(value)}</value>"
    if isinstance(value, bool):
        return f"<value><boolean>{int(value)}</boolean></value>"
    if isinstance(value, dict):
        return f"<value><struct>{''.join([_member(str(k), v) for k, v in value.items()])}</struct></value>"
    if isinstance(value, list | tuple):
        return f"<value><array><data>{''.join([encode(item) for item in value])}</data></array></value>"
    if isinstance(value, float):
        return f"<value><double>{value:.16g}</double></value>"
    if isinstance(value, Stamp):
        return f"<value><dateTime.iso8601>{value.text()}</dateTime.iso8601></value>"
    if isinstance(value, Int32):
        return f"<value><i4>{int(value)}</i4></value>"
    return f"<value>{'' if value is None else value}</value>"


def _text(text: str) -> str:
    """Text as XML can carry it: markup escaped, control characters replaced."""
    if SPECIAL.search(text) is None:
        return text
    return escape(CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
