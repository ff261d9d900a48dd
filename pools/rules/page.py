"""The rules as docs/rules.md, and the made part of each code's own page, docs/rules/<code>.md: written from the codes,
so that pages and judgement cannot drift apart."""

from __future__ import annotations

from collections.abc import Iterator

from pools.rules import CODES
from pools.rules.code import BATON, CLOUDSTACK, XENSERVER, Code

HEAD = """\
# Health rules

What Baton finds wrong with a pool, and what mends it. Codes are stable: routes for alerts may be built on them.
This page is written by `python manage.py docs_rules` from the rules themselves (`pools/rules/`); a test compares it.
Each code has a page of its own: what you see, why it happens, what to do, and how to check it by hand. The code of each
finding in the console leads to it.

**Severity** is *critical* (capacity or recovery is gone, or soon), *warning* (one more failure and it is) or *info*
(know it). **Remedy** is the slug of a workflow, or nothing where only a person can judge; a finding may carry a
sentence in its place. What one of our own runs causes is listed as *expected*, and does not count as the pool's worst.

**Asks** names who must have answered before a finding counts as mended: while that captain is silent, what it said
last stays open.

A finding begins when a look first sees it, and ends when a look no longer does; both stand in the timeline. A rule
that would need a value that is not known keeps silent. `python manage.py look NAME` judges a pool by the same rules.
"""
WHO = {XENSERVER: "XenServer", CLOUDSTACK: "CloudStack", BATON: "Baton"}
BEGIN = "<!-- Made by `python manage.py docs_rules`; what stands below is written by hand. -->"
END = "<!-- Here the made part ends. -->"
SECTIONS = ("## What you see", "## Why it happens", "## What to do", "## To silence it")
"""What every page has below its made part."""


def markdown() -> str:
    """The page of all rules."""
    return "\n".join([HEAD, *_table()]) + "\n"


def page_with(page: str, code: Code) -> str:
    """A code's page with its made part anew: that stands above what is written by hand."""
    made, end, by_hand = page.partition(END)
    if made and not end:
        raise ValueError(f"the page of {code.slug} has no end of the made part")
    return "\n".join([f"# {code.slug}", "", BEGIN, "", *_told(code), "", END]) + (by_hand or "\n")


def _told(code: Code) -> Iterator[str]:
    yield code.means
    yield ""
    yield f"- **Fires when** {code.fires}."
    except_ = f", {code.otherwise}" if code.otherwise else ""
    yield f"- **Severity**: {code.severity.value}{except_}."
    yield f"- **Remedy**: {_workflow(code.remedy)}."
    yield f"- **Counts as mended** when {_asks(code, ' and ')} has answered and no longer shows it."


def _workflow(remedy: str) -> str:
    if not remedy:
        return "a person has to judge"
    return f"`{remedy}`" if " " in remedy else f"[`{remedy}`](../workflows/{remedy}.md)"


def _table() -> Iterator[str]:
    yield "| Code | Severity | Fires when | Remedy | Except | Asks |"
    yield "|---|---|---|---|---|---|"
    for code in CODES.values():
        link, other = f"[`{code.slug}`](rules/{code.slug}.md)", code.otherwise or "–"
        remedy = f"`{code.remedy}`" if code.remedy else "–"
        yield f"| {link} | {code.severity.value} | {code.fires} | {remedy} | {other} | {_asks(code, ', ')} |"


def _asks(code: Code, between: str) -> str:
    return between.join(WHO[captain] for captain in code.needs)
