"""What is to be asked, told apart from how: the same questions go over a look's session and over a listener's line.

A generator yields each question and is sent its value, or the clients' error; what it returns is the result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pools.clients.errors import ClientError, Refused

T = TypeVar("T")
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One read. `brief_s`: it is worth no more than so many seconds, where it is not as good as any."""

    call: str
    args: tuple[Any, ...] = ()
    brief_s: float | None = None


Asking = Generator[Question, Any, T]


@dataclass(slots=True)
class Gaps:
    """Questions whose refusal is a gap and no failure: another version may not know them. That nobody answers is a
    failure, always: a list that is empty because of it would look like a host without guests."""

    found: list[str] = field(default_factory=list)

    def value(self, call: str, *args: Any) -> Asking[Any]:
        """A value, or None when it is refused."""
        try:
            return (yield Question(call, args))
        except Refused as no:
            self.found.append(f"{call}: {no.code}")
            return None

    def records(self, call: str, *args: Any) -> Asking[dict[str, Record] | None]:
        """Records by reference, or None when they are refused."""
        found = yield from self.value(call, *args)
        return found if isinstance(found, dict) else None


def asked(asking: Asking[T], ask: Callable[[Question], Any]) -> T:
    """The result, each question being put by `ask`. Raises what `ask` raises and nobody in `asking` expects."""
    try:
        question = next(asking)
        while True:
            try:
                value = ask(question)
            except ClientError as error:
                question = asking.throw(error)
            else:
                question = asking.send(value)
    except StopIteration as end:
        result: T = end.value
        return result


async def asked_in_loop(asking: Asking[T], ask: Callable[[Question], Awaitable[Any]]) -> T:
    """The same in an event loop."""
    try:
        question = next(asking)
        while True:
            try:
                value = await ask(question)
            except ClientError as error:
                question = asking.throw(error)
            else:
                question = asking.send(value)
    except StopIteration as end:
        result: T = end.value
        return result
