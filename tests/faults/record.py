"""What a matrix of faults has seen: a line of JSON per case, and the table made of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.carrying import Undisturbed

RIGHT, ASKED, WRONG = "right", "asked a human", "wrong"

LOG = "FAULTS_LOG"
"""Name of the environment variable that says where the lines go; without it they go nowhere."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One case. `recovery_s` is the time from a death until the step moved again, where real time was waited for."""

    workflow: str
    point: str
    step: str
    wave: str
    database: str
    said: str
    recovery_s: float | None = None

    @property
    def verdict(self) -> str:
        return next((word for word in (RIGHT, ASKED) if self.said.startswith(word)), WRONG)

    @property
    def piece(self) -> tuple[str, str, str]:
        """What is carried through in one go, and in one go again."""
        return self.database, self.wave, self.workflow


def keep(seen: Iterable[Seen]) -> None:
    """Append them in one write; many processes may."""
    if path := os.environ.get(LOG):
        lines = "".join(json.dumps(asdict(one)) + "\n" for one in seen)
        with Path(path).open("a", encoding="utf-8") as log:
            log.write(lines)


def read(path: Path) -> list[Seen]:
    """All of them; none if nobody has written any."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Seen(**json.loads(line)) for line in lines]


def forget_wrong(path: Path) -> None:
    """Take out each piece in which anything went wrong, whole, so that it is gone through again."""
    seen = read(path)
    wrong = {one.piece for one in seen if one.verdict == WRONG}
    path.write_text(
        "".join(json.dumps(asdict(one)) + "\n" for one in seen if one.piece not in wrong), "utf-8"
    )


def gone_through(database: str, wave: str) -> set[str]:
    """Cases of a wave that the log has already."""
    path = os.environ.get(LOG)
    return {one.workflow for one in read(Path(path)) if one.piece[:2] == (database, wave)} if path else set()


def known(case: str) -> Undisturbed | None:
    """What an undisturbed run of it does, if the log's neighbour has it."""
    from tests.faults.carrying import Undisturbed  # Django's models, which the table needs not

    file = _neighbour(case)
    if file is None or not file.exists():
        return None
    kept = json.loads(file.read_text())
    calls = {int(index): tuple(names) for index, names in kept["calls"].items()}
    steps = tuple((key, state) for key, state in kept["steps"])
    return Undisturbed(picture=kept["picture"], calls=calls, steps=steps, owed=kept["owed"])


def remember(case: str, wanted: Undisturbed) -> None:
    if file := _neighbour(case):
        file.write_text(json.dumps(asdict(wanted)))


def _neighbour(case: str) -> Path | None:
    path = os.environ.get(LOG)
    return Path(f"{path}.{case.replace(', ', '-')}.json") if path else None


def table(seen: list[Seen]) -> Iterator[str]:
    """A line per workflow and point, what went wrong or asked, the times, and the closing line."""
    yield f"{'workflow':<20} {'point':<34} {'cases':>5} {'right':>5} {'asked':>5} {'wrong':>5}"
    for workflow, point in sorted({(one.workflow, one.point) for one in seen}):
        mine = [one for one in seen if (one.workflow, one.point) == (workflow, point)]
        yield f"{workflow:<20} {point:<34} {len(mine):>5} " + " ".join(f"{n:>5}" for n in _counts(mine))
    yield ""
    for one in sorted(
        (s for s in seen if s.verdict != RIGHT), key=lambda s: (s.verdict, s.workflow, s.point)
    ):
        yield f"{one.workflow}, {one.step}, {one.point} ({one.database}): {one.said}"
    for database in sorted({one.database for one in seen}):
        yield f"{database}: {sum(one.database == database for one in seen)} cases"
    if times := [one.recovery_s for one in seen if one.recovery_s is not None]:
        yield f"recovery after a kill: median {median(times):.1f} s, worst {max(times):.1f} s, of {len(times)}"
    right, asked, wrong = _counts(seen)
    yield f"cases {len(seen)}, ended right {right}, asked a human {asked}, wrong {wrong}"


def _counts(seen: list[Seen]) -> tuple[int, int, int]:
    verdicts = [one.verdict for one in seen]
    return verdicts.count(RIGHT), verdicts.count(ASKED), verdicts.count(WRONG)
