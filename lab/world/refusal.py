"""How the simulated data centre says no."""

from __future__ import annotations


class Refusal(Exception):
    """An error as XAPI words it: a code such as ``HA_IS_ENABLED`` and its parameters, all strings."""

    def __init__(self, code: str, *params: object) -> None:
        super().__init__(code, *params)
        self.code = code
        self.params = [str(param) for param in params]

    @property
    def description(self) -> list[str]:
        """The ``ErrorDescription`` array of the wire: the code first, then the parameters."""
        return [self.code, *self.params]
