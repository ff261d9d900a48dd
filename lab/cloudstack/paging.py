"""Filters, keyword and pages of the list commands (BaseListCmd)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from lab.cloudstack.envelope import Listing
from lab.cloudstack.errors import ApiError, invalid

if TYPE_CHECKING:
    from lab.cloudstack.registry import Call

Facts = Callable[[Any], Mapping[str, Any]]
T = TypeVar("T")
FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def _itself(record: Any) -> Mapping[str, Any]:
    return dict(record)


def listing(call: Call, element: str, rows: Sequence[Any], render: Facts = _itself) -> Listing:
    """The page the call asks for, ``render`` making the response of each of its rows. ``page`` counts from 1."""
    size, number = _page(call)
    start = size * (number - 1)
    return Listing(element, [render(row) for row in rows[start : start + size]], len(rows))


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
        raise _invalid_value(call, name, text) from None


def _invalid_value(call: Call, name: str, text: str) -> ApiError:
    return invalid(
        f"Unable to execute API command {call.command.name.lower()} due to invalid value {text} for parameter {name}"
    )


def matching(
    call: Call, rows: Iterable[T], filters: Sequence[str], facts: Facts = _itself, keyword: str = "name"
) -> list[T]:
    """The rows whose facts equal the parameters of the same name, and whose ``keyword`` fact holds the keyword."""
    wanted = [(name, value.lower()) for name in filters if (value := call.text(name)) is not None]
    word = (call.text("keyword") or "").lower()
    if not wanted and not word:
        return list(rows)  # a hundred thousand guests are asked for page by page
    return [row for row in rows if _fits(facts(row), wanted, keyword, word)]


def _fits(facts: Mapping[str, Any], wanted: list[tuple[str, str]], keyword: str, word: str) -> bool:
    if any(str(facts.get(name, "")).lower() != value for name, value in wanted):
        return False
    return word in str(facts.get(keyword, "")).lower()


def moment(call: Call, name: str) -> float:
    """A date parameter in seconds since 1970; of a bare day, an end is its last second."""
    text = call.params[name]
    for form in FORMATS:
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        whole_day = name == "enddate" and form == FORMATS[0]
        return (moment + (timedelta(days=1, seconds=-1) if whole_day else timedelta())).timestamp()
    raise _invalid_value(call, name, text)
