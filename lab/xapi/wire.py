"""XML-RPC the way xapi writes it: strings and ints untyped, dates with a Z, void an empty value (mirage/ocaml-rpc)."""

from __future__ import annotations

import re
import xmlrpc.client
from typing import Any
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from lab.world.refusal import Refusal
from lab.xapi.values import Stamp

HEAD = '<?xml version="1.0"?>'
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SPECIAL = re.compile(f"[&<>]|{CONTROL.pattern}")


class Unreadable(Exception):
    """A body that is no method call; xapi answers it with HTTP 500."""


def read_call(body: bytes) -> tuple[str, list[Any]]:
    """Method name and arguments of a request body."""
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
    return method, list(args)


def success(value: Any) -> bytes:
    """The envelope of an answer."""
    return _response(f"{_member('Status', 'Success')}{_member('Value', value)}")


def failure(refusal: Refusal) -> bytes:
    """The envelope of an error: a struct too, never an XML-RPC fault."""
    return _response(f"{_member('Status', 'Failure')}{_member('ErrorDescription', refusal.description)}")


def _response(members: str) -> bytes:
    value = f"<value><struct>{members}</struct></value>"
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
    return f"<value>{'' if value is None else value}</value>"


def _text(text: str) -> str:
    """Text as XML can carry it: markup escaped, control characters replaced."""
    if SPECIAL.search(text) is None:
        return text
    return escape(CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
