"""How the supervisor obeys Ctrl-C, SIGTERM and a closed terminal."""

from __future__ import annotations

from typing import Any

from circus.arbiter import Arbiter
from circus.exc import ConflictError
from circus.sighandler import SysHandler

RETRY_S = 0.1


class Persistent(SysHandler):
    """circus drops an order that comes while it carries out another; this one repeats it until it is heard."""

    def quit(self) -> None:
        """Called in a signal handler: leave the rest to the loop."""
        self.controller.loop.add_callback_from_signal(self._stop)

    def _stop(self) -> None:
        arbiter = self.controller.arbiter
        if arbiter._stopping:
            return
        try:
            arbiter.stop()
        except ConflictError:
            self.controller.loop.call_later(RETRY_S, self._stop)

    def handle_hup(self) -> None:
        """A closed terminal ends the demo, where circus would restart its parts."""
        self.quit()


class Supervisor(Arbiter):
    """circus's arbiter with the signal handler above."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ctrl.sys_hdl.stop()
        self.ctrl.sys_hdl = Persistent(self.ctrl)
