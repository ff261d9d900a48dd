"""What a matrix of faults has seen: a line of JSON per case, and the table made of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

RIGHT, ASKED, WRONG = "right", "asked a human", "wrong"

LOG = "FAULTS_LOG"
"""Name of the environment variable that says where the lines go; without it they go nowhere."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One case. `recovery_s` is the time from a death until the step moved again, where real time was waited for."""

    workflow: str
    point: str
    step: str
    how: str
    database: str
    said: str
    recovery_s: float | None = None

    @property
    def verdict(self) -> str:
        return next((word for word in (RIGHT, ASKED) if self.said.startswith(word)), WRONG)


def keep(seen: Iterable[Seen]) -> None:
    """Append them; many processes may."""
    if path := os.environ.get(LOG):
        lines = "".join(json.dumps(asdict(one)) + "\n" for one in seen)
        with Path(path).open("a", encoding="utf-8") as log:
            log.write(lines)


def read(path: Path) -> list[Seen]:
    return [Seen(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def table(seen: list[Seen]) -> Iterator[str]:
    """A line per workflow and point, what went wrong or asked, the times, and the closing line."""
    yield f"{'workflow':<40} {'point':<32} {'cases':>5} {'right':>5} {'asked':>5} {'wrong':>5}"
    for workflow, point in sorted({(one.workflow, one.point) for one in seen}):
        mine = [one for one in seen if (one.workflow, one.point) == (workflow, point)]
        yield f"{workflow:<40} {point:<32} {len(mine):>5} " + " ".join(f"{n:>5}" for n in _counts(mine))
    yield ""
    for one in sorted(
        (s for s in seen if s.verdict != RIGHT), key=lambda s: (s.verdict, s.workflow, s.point)
    ):
        yield f"{one.workflow}, {one.step}, {one.point} ({one.how}, {one.database}): {one.said}"
    for how in sorted({one.how for one in seen}):
        yield f"{how}: {sum(one.how == how for one in seen)} cases"
    if times := [one.recovery_s for one in seen if one.recovery_s is not None]:
        yield f"recovery after a kill: median {median(times):.1f} s, worst {max(times):.1f} s, of {len(times)}"
    right, asked, wrong = _counts(seen)
    yield f"cases {len(seen)}, ended right {right}, asked a human {asked}, wrong {wrong}"


def _counts(seen: list[Seen]) -> tuple[int, int, int]:
    verdicts = [one.verdict for one in seen]
    return verdicts.count(RIGHT), verdicts.count(ASKED), verdicts.count(WRONG)
