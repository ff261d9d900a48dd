"""A pool's hosts in one small drawing: one box each, left half what XenServer says, right half CloudStack."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

STEP, WIDTH, TOP, HEIGHT = 25, 15.2, 8, 13
HALF = WIDTH / 2
CROWN = "M{0} 6V0.8l3.2 2.4 2.4-3 2.4 3 3.2-2.4V6Z"
FACES = {
    "ok": '<rect x="{x}" y="8.6" width="{w}" height="11.8" class="g-well"/>',
    "warning": '<path d="M{x} 20.8V13l{half} -4.4 {half} 4.4v7.8Z" class="g-warn"/>',
    "critical": '<rect x="{x}" y="8" width="{w}" height="13" class="g-crit"/>',
    "working": '<rect x="{x}" y="8.6" width="{w}" height="11.8" class="g-busy"/>'
    '<rect x="{x}" y="14.5" width="{w}" height="6.5" class="g-half"/>',
    "unknown": '<rect x="{x}" y="8.6" width="{w}" height="11.8" class="g-unknown"/>',
    "absent": '<path d="M{x} 20.4h{w}" class="g-absent"/>',
}


def host_row(rows: Sequence[Any]) -> SafeString:
    """One SVG for a pool. Each row has `name`, `is_master`, and two words with `mark` and `says`."""
    if not rows:
        return SafeString('<span class="faint">–</span>')
    width = STEP * (len(rows) - 1) + WIDTH + 3
    return format_html(
        '<svg class="hosts" width="{0}" height="22" viewBox="0 0 {0} 22" role="img" aria-label="{1}">{2}</svg>',
        round(width, 1),
        label(rows),
        _boxes(tuple((r.is_master, r.xenserver.mark, r.cloudstack.mark) for r in rows)),
    )


@lru_cache(maxsize=1024)
def _boxes(pattern: tuple[tuple[bool, str, str], ...]) -> SafeString:
    """Kept, because most pools of a large estate look alike."""
    return format_html_join("", "{}", ((_box(i, *looks),) for i, looks in enumerate(pattern)))


def odd_row(rows: Sequence[Any]) -> SafeString:
    """For long lists: only the hosts that are not well are drawn, the others counted."""
    odd = _odd(rows)
    if not rows:
        return host_row(rows)
    if not odd:
        return format_html('<span class="dim">{} well</span>', len(rows))
    rest = len(rows) - len(odd)
    return format_html('<span class="few">{}{}</span>', host_row(odd), f"+ {rest}" if rest else "")


def _odd(rows: Sequence[Any]) -> list[Any]:
    return [r for r in rows if r.xenserver.mark != "ok" or r.cloudstack.mark not in ("ok", "absent")]


def label(rows: Sequence[Any]) -> str:
    """The drawing in a sentence: how many, and only the odd ones by name."""
    said = "; ".join(f"{r.name}: {r.xenserver.says}, {r.cloudstack.says} in CloudStack" for r in _odd(rows))
    number = "1 host" if len(rows) == 1 else f"{len(rows)} hosts"
    return f"{number}; {said}" if said else f"{number}, all well"


def _box(index: int, is_master: bool, xenserver: str, cloudstack: str) -> SafeString:
    x = 1 + index * STEP
    crown = format_html('<path d="{}" class="g-crown"/>', CROWN.format(x + 1.8)) if is_master else ""
    return format_html("{}{}{}", crown, _half(xenserver, x), _half(cloudstack, x + HALF))


def _half(mark: str, x: float) -> SafeString:
    width = round(HALF - 0.3, 1)
    return format_html(FACES.get(mark, FACES["unknown"]), x=round(x, 1), w=width, half=round(width / 2, 2))
