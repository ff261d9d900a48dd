"""Every repeated bit of markup: marks, badges, times, risks, icons, differences, calls and host glyphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from math import ceil
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from dashboard.glyphs import host_row, odd_row
from dashboard.states import look_of
from pools.rules.words import brief

register = template.Library()

STATES = 256
"""So many marks and risks are kept ready: more than there are."""
RISKS = ("none", "low", "medium", "high", "final")
RISK_WORDS = {"none": "reads only"}


@register.simple_tag
@lru_cache(STATES)
def icon(name: str) -> SafeString:
    """A symbol of the sprite, without a meaning of its own for those who do not see it."""
    return format_html(
        '<svg class="ic" width="16" height="16" aria-hidden="true"><use href="#i-{}"/></svg>', name
    )


@register.simple_tag
def mark(key: str, word: str = "", **options: str) -> SafeString:
    """A state: shape, colour and word. `class="only"` keeps the word for screen readers alone."""
    hidden = options.get("class") == "only"
    return _mark(key, word, hidden=hidden) if word else _mark_of_state(key, hidden=hidden)


@lru_cache(STATES)
def _mark_of_state(key: str, *, hidden: bool) -> SafeString:
    """Kept, since a long page has hundreds; not so with a word of its own, which may be of any kind."""
    return _mark(key, look_of(key).word, hidden=hidden)


def _mark(key: str, word: str, *, hidden: bool) -> SafeString:
    shape = look_of(key).shape
    vh = SafeString(' class="vh"' if hidden else "")
    return format_html('<span class="mark is-{}">{}<span{}>{}</span></span>', shape, icon(shape), vh, word)


@register.simple_tag
def badge(key: str, word: str = "") -> SafeString:
    """The state of the whole page, once, in its head."""
    look = look_of(key)
    return format_html(
        '<span class="badge is-{}">{}{}</span>', look.shape, icon(look.shape), word or look.word
    )


@register.simple_tag
def ago(at: datetime | str | None, short: bool = False, stale: float | None = None) -> SafeString:
    """A moment: how long ago, and exactly when on hover. `ago.js` keeps it true. `short` leaves out the word.
    `stale`: older than so many seconds, it stands out, and the page asks anew."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) and at else at
    if not isinstance(moment, datetime):
        return SafeString('<span class="faint">never</span>')
    moment = timezone.localtime(moment)
    age = (timezone.now() - moment).total_seconds()
    return format_html(
        '<time datetime="{}" title="{}" tabindex="-1" data-ago="{}"{}>{}{}</time>',
        moment.isoformat(timespec="seconds"),
        moment.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "short" if short else "long",
        _due(age, stale),
        span(age),
        "" if short else " ago",
    )


@register.simple_tag
def left(until: datetime | str) -> SafeString:
    """A moment that is waited for: `40 s left`, or that it has passed. `ago.js` counts on."""
    moment = timezone.localtime(datetime.fromisoformat(until) if isinstance(until, str) else until)
    seconds = (moment - timezone.now()).total_seconds()
    return format_html(
        '<time datetime="{}" title="{}" data-left>{}</time>',
        moment.isoformat(timespec="seconds"),
        moment.strftime("%Y-%m-%d %H:%M:%S %Z"),
        f"{ceil(seconds)} s left" if seconds > 0 else "overdue",
    )


MOMENT = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC")
"""A moment as sentences write it, stored or not: `rules.words.clock`."""


register.filter("brief", brief)


@register.filter
def clipped(text: str, most: int) -> str:
    """At most so many characters, cut between words and never within a moment."""
    if len(text) <= most:
        return text
    whole = MOMENT.sub(lambda moment: moment.group().replace(" ", "\N{NO-BREAK SPACE}"), text)
    words = whole[:most].rpartition(" ")[0] or text[: most - 1]
    return words.replace("\N{NO-BREAK SPACE}", " ").rstrip(",;: ") + "…"


@register.filter
def told(text: str) -> SafeString:
    """A sentence whose moments people read by their own clock: `ago.js` writes them so, UTC stays on hover."""
    return SafeString(MOMENT.sub(_moment, conditional_escape(text)))


def _moment(found: re.Match[str]) -> str:
    said = found.group()
    form = "%Y-%m-%d %H:%M:%S UTC" if said.count(":") == 2 else "%Y-%m-%d %H:%M UTC"
    try:
        at = datetime.strptime(said, form).replace(tzinfo=UTC)
    except ValueError:  # no such day
        return said
    return format_html('<time datetime="{}" title="{}" data-clock>{}</time>', at.isoformat(), said, said)


@register.simple_tag
def clock(at: datetime) -> SafeString:
    """A moment outside a sentence, as `told` shows it."""
    return told(f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")


def _due(age: float, stale: float | None) -> SafeString:
    if stale is None:
        return SafeString("")
    return format_html(' data-stale="{}"{}', stale, SafeString(' class="old"' if age > stale else ""))


def span(seconds: float) -> str:
    """A length of time in its largest unit: `4 s`, `12 min`, `3 h`, `9 d`. The same rule as ago.js."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= 60):
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} s"


@register.simple_tag
@lru_cache(STATES)
def risk(level: str) -> SafeString:
    """Four bars and a word; a final step has a full bar set apart."""
    weight = RISKS.index(level) if level in RISKS else 0
    bars = [
        format_html(FULL if i < weight else EMPTY, x=x, y=y, height=height, inner=height - 1)
        for i, (x, y, height) in enumerate(((0, 8, 4), (4.5, 4, 8), (9, 0, 12)))
    ]
    if level == "final":
        bars.append(format_html(FULL, x=14.5, y=0, height=12))
    return format_html(
        '<span class="risk"><svg viewBox="0 0 19 12" aria-hidden="true">{}</svg>'
        '<span><span class="vh">risk: </span>{}</span></span>',
        SafeString("".join(bars)),
        RISK_WORDS.get(level, level),
    )


FULL = '<rect x="{x}" y="{y}" width="3" height="{height}" fill="currentColor"/>'
EMPTY = (
    '<rect x="{x}" y="{y}" width="2" height="{inner}" fill="none" stroke="currentColor" opacity=".55"'
    ' transform="translate(.5 .5)"/>'
)


@register.simple_tag
def hosts(rows: Iterable[Any], dense: bool = False) -> SafeString:
    """A pool's hosts as one drawing: left half XenServer, right half CloudStack, the crown on the master.
    `dense` draws only the odd ones and counts the rest."""
    return odd_row(list(rows)) if dense else host_row(list(rows))


@register.inclusion_tag("ui/diff.html")
def diff(changes: Iterable[Any], head: bool = False) -> dict[str, Any]:
    """Before → after, by system, closed by a tally. Takes `Change`s or the same as JSON."""
    lines = [_plain(change) for change in changes]
    groups = [(system, list(group)) for system, group in groupby(lines, key=lambda c: c["system"])]
    signs = [line["sign"] for line in lines]
    tally = [(signs.count("~"), "change"), (signs.count("+"), "addition"), (signs.count("-"), "removal")]
    return {"groups": groups, "head": head, "tally": [(n, word) for n, word in tally if n]}


@register.inclusion_tag("ui/calls.html")
def calls(listed: Iterable[Any]) -> dict[str, Any]:
    """The exact calls and how to make them by hand, each with a copy button."""
    return {"calls": [_plain(call) for call in listed]}


def _plain(thing: Any) -> Mapping[str, Any]:
    """A frozen dataclass or its JSON, as a mapping."""
    if isinstance(thing, Mapping):
        return thing
    return {name: getattr(thing, name) for name in thing.__slots__}


@register.filter
def tone(key: str) -> str:
    """The class of a word inside a drawing."""
    return {"crit": "t-crit", "warn": "t-warn"}.get(look_of(key).shape, "")


@register.filter
def of(table: Mapping[Any, Any], key: Any) -> Any:
    """What a mapping has under a key, or nothing."""
    return table.get(key, "")


@register.filter
def words(text: str) -> list[str]:
    """A list written as one string."""
    return text.split()


@register.filter
def word(key: str) -> str:
    """A state's word alone."""
    return look_of(key).word
