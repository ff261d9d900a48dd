"""What happened when, as lanes over one time axis. Pure.

A lane is drawn backwards from what is true now: every change on the timeline says what was before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEFT, RIGHT, ROW, FIRST = 108, 1170, 26, 30
WIDTH = RIGHT - LEFT


@dataclass(frozen=True, slots=True)
class Happening:
    """Something on the timeline: in which lane, when, until when (None: a moment), how bad, and in words."""

    lane: str
    at: datetime
    says: str
    mark: str = "none"
    until: datetime | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """`label_x` and `anchor` put the words beside the bar, on the side where there is room; `label` is cut to fit."""

    x: float
    width: float
    mark: str
    says: str
    link: str = ""
    label_x: float = 0.0
    anchor: str = "end"


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    y: int
    bars: tuple[Bar, ...]

    @property
    def labelled(self) -> Bar | None:
        """The bar whose words fit: the last and worst one."""
        return self.bars[-1] if self.bars and self.bars[-1].width < WIDTH * 0.6 else None


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment on an axis. `form` is `time`, `day` (where a day begins) or `date`; the page writes it by the
    reader's own clock."""

    at: datetime
    form: str

    @property
    def shown(self) -> str:
        """In UTC, as the server writes it."""
        return f"{self.at:%H:%M}" if self.form == "time" else f"{self.at:%d %b}"


@dataclass(frozen=True, slots=True)
class Strip:
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, Tick], ...]
    height: int
    label: str


def strip(names: Sequence[str], happenings: Iterable[Happening], start: datetime, now: datetime) -> Strip:
    """Lanes in the given order, each with what touches the span from start to now."""
    span = (now - start).total_seconds()
    seen = [h for h in happenings if (h.until or h.at) >= start and h.at <= now]
    lanes = tuple(
        Lane(name, FIRST + ROW * i, tuple(_bar(h, start, now, span) for h in seen if h.lane == name))
        for i, name in enumerate(names)
    )
    label = "; ".join(f"{h.lane}: {h.says} at {h.at:%H:%M}" for h in seen) or "nothing happened"
    return Strip(lanes, tuple(_ticks(start, now, span)), FIRST + ROW * len(names) + 16, label)


def _bar(h: Happening, start: datetime, now: datetime, span: float) -> Bar:
    begin = max((h.at - start).total_seconds(), 0)
    end = ((h.until or h.at) - start).total_seconds()
    x = LEFT + WIDTH * begin / span
    width = max(WIDTH * (min(end, span) - begin) / span, 4)
    before = x > LEFT + WIDTH / 3
    at, anchor = (x - 8, "end") if before else (x + width + 8, "start")
    return Bar(round(x, 1), round(width, 1), h.mark, h.says, h.link, round(at, 1), anchor)


def _ticks(start: datetime, now: datetime, span: float) -> Iterable[tuple[float, Tick]]:
    hours = span / 3600
    step = timedelta(minutes=10) if hours <= 1.5 else timedelta(hours=1) if hours <= 8 else timedelta(hours=4)
    step = step if hours <= 30 else timedelta(days=1)
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    at = day + step * ((start - day) // step + 1)
    while at <= now:
        tick = Tick(at, "day" if step >= timedelta(days=1) else "time")
        yield round(LEFT + WIDTH * (at - start).total_seconds() / span, 1), tick
        at += step
