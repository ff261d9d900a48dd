"""A text that must not be seen: what shows it by accident shows stars."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A password or a key. Only `reveal()` gives the text; printing, logging, comparing with text or putting it into
    a message does not. It cannot be pickled, so that it never travels through a broker or a cache."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: to be passed on to the wire at once, never kept."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __repr__(self) -> str:
        return "Secret(****)"

    __str__ = __repr__

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: it would leave this process in clear")
