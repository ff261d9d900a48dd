"""The matrix as people read it: docs/captains.md. Pure."""

from __future__ import annotations

from pools.matrix import MATRIX, Meaning

HEAD = """# What the two captains say of a host

This page is written by `python manage.py docs_matrix` from `pools/matrix.py`; a test compares it. Read it from the
top: the first row that fits is the meaning. An empty cell fits anything.

| XenServer | CloudStack | resource state | cluster | means | because | then |
|---|---|---|---|---|---|---|
"""


def markdown() -> str:
    """The whole page."""
    return HEAD + "".join(f"| {' | '.join(_cells(row))} |\n" for row in MATRIX)


def _cells(row: Meaning) -> tuple[str, ...]:
    said = (", ".join(words) for words in (row.xenserver, row.status, row.resource, row.managed))
    return (*said, row.means, row.cause, row.then)
