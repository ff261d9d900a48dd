"""A message's title and text: what is wrong, since when, what to do, and where to look. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.notices.vocabulary import Kind, News

WORDS = {Kind.NEW: "", Kind.WORSE: "Worse: ", Kind.STUCK: "Still: ", Kind.MENDED: "Mended: "}
A_LINE = 120


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `severity` is the worst of what it tells, `mended` when all of it is over."""

    title: str
    body: str
    severity: str
    mended: bool = False


def title_of(news: News) -> str:
    """One line that can stand alone on a lock screen: severity, pool, what."""
    severity = "" if news.kind is Kind.MENDED else f"{news.severity.value.capitalize()}: "
    why = "Now due: " if news.due else WORDS[news.kind]
    where = f" ({_pools(news)})" if news.shared else ""
    return _line(f"{why}{severity}{news.shared or news.pool}: {news.code}{where}")


def body_of(news: News, now: datetime, console: str) -> str:
    """Sentences, then the address of the page where it can be dealt with (when the console's own is known)."""
    lines = list(_mended(news) if news.kind is Kind.MENDED else _said(news, now, console))
    if console:
        lines.append(f"{console}/" if len(news.pools) > 1 else f"{console}/pools/{news.pool}/")
    return "\n".join(lines)


def _said(news: News, now: datetime, console: str) -> Iterator[str]:
    yield _flat(news.says)
    yield from _others(news)
    for each in news.beside:
        yield f"{'No longer' if each.over else 'Besides'}: {_flat(each.says)}"
    yield f"Since {_clock(news.since)} ({_span(now - news.since)})."
    if news.remedy:
        yield f"To do: {news.remedy}" if " " in news.remedy else f"To do: the workflow {news.remedy}."
    if news.run:
        yield f"Run {news.run} is prepared for it. Nothing is sent until somebody approves and confirms it."
        if console:
            yield f"{console}/runs/{news.run}/"


def _mended(news: News) -> Iterator[str]:
    yield f"No longer: {_flat(news.says)}"
    yield from _others(news)
    for each in news.beside:
        yield f"Nor: {_flat(each.says)}"


def digest(messages: Sequence[Message]) -> Message:
    """Many messages at once, as one: a storm is read, not counted by the telephone's vibrations."""
    titles = "\n".join(f"- {message.title}" for message in messages)
    severities = [m.severity for m in messages if not m.mended] or [messages[0].severity]
    worst = min(severities, key=("critical", "warning", "info").index)
    over = all(message.mended for message in messages)
    return Message(f"{len(messages)} messages from Baton", titles, worst, over)


def _others(news: News) -> Iterator[str]:
    if len(news.pools) > 1:
        yield f"In {_pools(news)}: {_line(', '.join(news.pools))}."
    elif len(news.subjects) > 1 and news.kind is not Kind.MENDED:
        yield f"On {len(news.subjects)}: {_line(', '.join(news.subjects))}."


def _pools(news: News) -> str:
    return f"{len(news.pools)} pools" if len(news.pools) > 1 else news.pool


def _clock(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _flat(text: str) -> str:
    """Names come from the estate: no line break of theirs may make up a line of ours."""
    return " ".join(text.split())


def _line(text: str) -> str:
    flat = _flat(text)
    return flat if len(flat) <= A_LINE else f"{flat[: A_LINE - 1]}…"
