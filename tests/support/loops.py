"""Awaiting in a test that is not asynchronous itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def awaited(work: Coroutine[Any, Any, T]) -> T:
    """Its result, from a loop in a thread of its own: Playwright leaves one running in the tests' thread, from the
    first browser test on."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
