"""The four ports of a demo: the console's, and behind it the three of the lab."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from deploy.refusal import Refusal

FIRST_LAB_HOST = "127.10.1.1"


@dataclass(frozen=True)
class Ports:
    """Derived from one number, so that two demos need to differ in one."""

    web: int

    @property
    def xapi(self) -> int:
        """Every simulated host listens here, each on an address of its own."""
        return self.web + 1

    @property
    def cloudstack(self) -> int:
        """The simulated CloudStack's API."""
        return self.web + 2

    @property
    def control(self) -> int:
        """Where ``python -m lab`` reaches the running lab."""
        return self.web + 3

    def check(self) -> None:
        """Raises Refusal, naming the port, unless all four are free."""
        wanted = [
            ("127.0.0.1", self.web, "the console"),
            (FIRST_LAB_HOST, self.xapi, "the lab's hosts"),
            ("127.0.0.1", self.cloudstack, "the lab's CloudStack"),
            ("127.0.0.1", self.control, "the lab's control port"),
        ]
        for address, port, purpose in wanted:
            self._check(address, port, purpose)

    def _check(self, address: str, port: int, purpose: str) -> None:
        with socket.socket() as probe:
            # As the servers do: connections of a previous run that linger are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                reason = "in use" if error.errno == errno.EADDRINUSE else f"not to be had ({error.strerror})"
                raise Refusal(
                    f"port {port} on {address}, for {purpose}, is {reason}; "
                    f"start with another PORT (a demo takes four, from PORT to PORT+3)"
                ) from None
