"""Filters, keyword and pages of the list commands (BaseListCmd)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lab.cloudstack.envelope import Listing
from lab.cloudstack.errors import invalid

if TYPE_CHECKING:
    from lab.cloudstack.registry import Call

Records = Sequence[dict[str, Any]]


def listing(call: Call, element: str, records: Records) -> Listing:
    """The page the call asks for. ``page`` counts from 1."""
    size, number = _page(call)
    start = size * (number - 1)
    return Listing(element, records[start : start + size], len(records))


def _page(call: Call) -> tuple[int, int]:
    """Page size and number; without them everything up to the default page size, silently."""
    largest = int(call.cloud.settings.number("default.page.size"))
    page, size = call.text("page"), call.text("pagesize")
    if size is not None and page is None:
        raise invalid('"page" parameter is required when "pagesize" is specified')
    if page is not None and size is None:
        raise invalid('"pagesize" parameter is required when "page" is specified')
    if page is None or size is None:
        return largest, 1
    wanted, number = _integer(call, "pagesize", size), _integer(call, "page", page)
    if wanted > largest:
        raise invalid(f"Page size can't exceed max allowed page size value: {largest}")
    return max(wanted, 0), max(number, 1)


def _integer(call: Call, name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise invalid(
            f"Unable to execute API command {call.command.name.lower()} "
            f"due to invalid value {text} for parameter {name}"
        ) from None


def matching(
    call: Call, records: Records, filters: Sequence[str], keyword: str = "name"
) -> list[dict[str, Any]]:
    """The records whose fields equal the parameters of the same name, and whose ``keyword`` field holds the
    keyword."""
    wanted = {name: value for name in filters if (value := call.text(name)) is not None}
    word = (call.text("keyword") or "").lower()
    return [
        record
        for record in records
        if all(str(record.get(name, "")).lower() == value.lower() for name, value in wanted.items())
        and word in str(record.get(keyword, "")).lower()
    ]
