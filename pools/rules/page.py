"""The rules as docs/rules.md: written from the codes, so that page and judgement cannot drift apart."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules import CODES
from pools.rules.code import BATON, CLOUDSTACK, XENSERVER, Code

HEAD = """\
# Health rules

What Baton finds wrong with a pool, and what mends it. Codes are stable: routes for alerts may be built on them.
This page is written by `python manage.py docs_rules` from the rules themselves (`pools/rules/`); a test compares it.

**Severity** is *critical* (capacity or recovery is gone, or soon), *warning* (one more failure and it is) or *info*
(know it). **Remedy** is the slug of a workflow, or nothing where only a person can judge; a finding may carry a
sentence in its place. What one of our own runs causes is listed as *expected*, and does not count as the pool's worst.

**Asks** names who must have answered before a finding counts as mended: while that captain is silent, what it said
last stays open.

A finding begins when a look first sees it, and ends when a look no longer does; both stand in the timeline. A rule
that would need a value that is not known keeps silent. `python manage.py look NAME` judges a pool by the same rules.
"""
WHO = {XENSERVER: "XenServer", CLOUDSTACK: "CloudStack", BATON: "Baton"}


def markdown() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_table(), "", *_meanings()]) + "\n"


def _table() -> Iterator[str]:
    yield "| Code | Severity | Fires when | Remedy | Except | Asks |"
    yield "|---|---|---|---|---|---|"
    for code in CODES.values():
        asks = ", ".join(WHO[captain] for captain in code.needs)
        link, severity, other = f"[`{code.slug}`](#{code.slug})", code.severity.value, code.otherwise or "–"
        yield f"| {link} | {severity} | {code.fires} | {_remedy(code)} | {other} | {asks} |"


def _remedy(code: Code) -> str:
    return f"`{code.remedy}`" if code.remedy else "–"


def _meanings() -> Iterator[str]:
    yield "## Why they matter"
    for code in CODES.values():
        yield f"\n### {code.slug}\n\n{code.means}"
