"""A message's title and text: what is wrong, since when, what to do, and where to look. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.notices.planning import Kind, News

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
    return _line(f"{why}{severity}{news.pool}: {news.code}")


def body_of(news: News, now: datetime, console: str) -> str:
    """Sentences, then the address of the page where it can be dealt with (when the console's own is known)."""
    says = " ".join(news.says.split())  # as in _line, and whole
    if news.kind is Kind.MENDED:
        lines = [f"No longer: {says}"]
    else:
        lines = [says, *_others(news), f"Since {_clock(news.since)} ({_span(now - news.since)})."]
    if news.remedy and news.kind is not Kind.MENDED:
        lines.append(f"To do: {news.remedy}" if " " in news.remedy else f"To do: the workflow {news.remedy}.")
    if news.run and news.kind is not Kind.MENDED:
        lines.append(
            f"Run {news.run} is prepared for it. Nothing is sent until somebody approves and confirms it."
        )
        if console:
            lines.append(f"{console}/runs/{news.run}/")
    if console:
        lines.append(f"{console}/pools/{news.pool}/")
    return "\n".join(lines)


def digest(messages: Sequence[Message]) -> Message:
    """Many messages at once, as one: a storm is read, not counted by the telephone's vibrations."""
    titles = "\n".join(f"- {message.title}" for message in messages)
    severities = [m.severity for m in messages if not m.mended] or [messages[0].severity]
    worst = min(severities, key=("critical", "warning", "info").index)
    over = all(message.mended for message in messages)
    return Message(f"{len(messages)} messages from Baton", titles, worst, over)


def _others(news: News) -> list[str]:
    if len(news.subjects) < 2:
        return []
    return [f"On {len(news.subjects)}: {_line(', '.join(news.subjects))}."]


def _clock(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _line(text: str) -> str:
    """Names come from the estate: no line break of theirs may make up a line of ours."""
    flat = " ".join(text.split())
    return flat if len(flat) <= A_LINE else f"{flat[: A_LINE - 1]}…"
