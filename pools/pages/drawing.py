"""The pool as a drawing: CloudStack's rail above, the hosts between, the shared storage below. Pure geometry.

A broken link is drawn at the break: between CloudStack and a host that is not Up, between a host and storage that
is unplugged there. Units are those of the SVG's viewBox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pools.captains import CRITICAL, OK, Row, Word
from pools.facts import Facts, PoolFacts

BOX, HEIGHT, GAP, LEFT, TOP = 184, 116, 24, 24, 96
RAIL, FIRST_RAIL, RAIL_STEP = 34, 250, 56
WELL, WARN, CRIT, OFF = "link", "link-warn", "link-crit", "link-off"


@dataclass(frozen=True, slots=True)
class Box:
    """One host. `up` is the class of its link to CloudStack, `broken` the word at the break."""

    x: int
    row: Row
    guests: str
    up: str
    broken: str

    @property
    def mid(self) -> float:
        return self.x + BOX * 0.75

    @property
    def odd(self) -> bool:
        return self.row.xenserver.mark not in (OK, "unknown")


@dataclass(frozen=True, slots=True)
class Cable:
    """One host's PBD: from the box down to the rail."""

    x: float
    kind: str
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Rail:
    """One shared SR."""

    y: int
    name: str
    says: str
    cables: tuple[Cable, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    rails: tuple[Rail, ...]
    cloudstack: str
    label: str


def drawing(facts: Facts, rows: Sequence[Row]) -> Drawing:
    """The drawing of what both captains say now; `rows` are those of the captains' table."""
    members = sorted((r for r in rows if r.xenserver.mark != "absent"), key=lambda r: r.name)
    boxes = tuple(_box(facts, i, row) for i, row in enumerate(members))
    rails = _rails(facts.pool, boxes) if facts.pool else ()
    width = max(LEFT * 2 + len(boxes) * (BOX + GAP) - GAP, 440)
    height = FIRST_RAIL + len(rails) * RAIL_STEP if rails else TOP + HEIGHT + LEFT
    return Drawing(width, height, boxes, rails, _cluster(facts), _label(members))


def _box(facts: Facts, index: int, row: Row) -> Box:
    guests = f"{len(facts.pool.vms_on(row.uuid))} guests" if facts.pool else ""
    up = {OK: WELL, CRITICAL: CRIT, "unknown": OFF, "absent": OFF}.get(row.cloudstack.mark, WARN)
    return Box(LEFT + index * (BOX + GAP), row, guests, up, row.cloudstack.says if up in (WARN, CRIT) else "")


def _rails(pool: PoolFacts, boxes: Sequence[Box]) -> tuple[Rail, ...]:
    shared = [sr for sr in pool.srs if sr.shared and sr.type != "iso" and sr.content_type != "iso"]
    shared.sort(key=lambda sr: (sr.uuid not in pool.ha.statefile_srs, sr.name))
    rails = []
    for index, sr in enumerate(shared):
        y = FIRST_RAIL + index * RAIL_STEP
        plugged = {p.host: p.attached for p in pool.pbds if p.sr == sr.uuid}
        cables = tuple(_cable(box, plugged.get(box.row.uuid), index, y, len(shared)) for box in boxes)
        count = f"attached on {sum(plugged.values())} of {len(pool.hosts)} hosts"
        beats = sr.uuid in pool.ha.statefile_srs and pool.ha.enabled
        rails.append(Rail(y, sr.name, f"heartbeat, {count}" if beats else count, cables))
    return tuple(rails)


def _cable(box: Box, attached: bool | None, index: int, y: int, of: int) -> Cable:
    x = box.x + BOX * (index + 1) / (of + 1)
    return Cable(x, OFF if attached is None else WELL if attached else WARN, TOP + HEIGHT, y)


def _cluster(facts: Facts) -> str:
    seen = facts.cloudstack
    if seen is None:
        return "does not answer" if facts.cloudstack_trouble else "not connected"
    zone = f", zone {seen.zone}" if seen.zone else ""
    return f"cluster {seen.cluster_name}{zone}, {seen.managedstate}"


def _label(rows: Sequence[Row]) -> str:
    """The drawing in words, for those who do not see it."""
    said = [f"{row.name}{', the master,' if row.is_master else ''} {_says(row)}" for row in rows]
    return f"{len(rows)} hosts between CloudStack above and shared storage below: {'; '.join(said)}."


def _says(row: Row) -> str:
    def words(word: Word) -> str:
        return (
            f"{word.says.lower()} ({word.detail})" if word.detail and word.mark != OK else word.says.lower()
        )

    return f"XenServer says {words(row.xenserver)}, CloudStack says {words(row.cloudstack)}"
