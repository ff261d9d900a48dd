"""Asking one address by itself: does it answer, and whom does it follow?"""

from __future__ import annotations

import time
from contextlib import suppress

from pools.clients.errors import ClientError, LoginRefused, Refused
from pools.clients.wire import Deadline
from pools.clients.xapi import Endpoint, Xapi
from pools.facts import Probe

PROBE_S = 5.0


def probe(address: str, endpoint: Endpoint, *, deadline: Deadline | None = None) -> Probe:
    """How that address answers a login, within PROBE_S seconds; a member names its master, and is not followed.

    A host that refuses in any other way is asked with a session of its own whether it is in emergency mode."""
    deadline = (deadline or Deadline()).within(PROBE_S)
    started = time.monotonic()
    master, emergency, error = _ask(address, endpoint, deadline)
    return Probe(
        address=address,
        answers=error is None or isinstance(error, Refused | LoginRefused),
        master=master,
        emergency=emergency,
        code="" if error is None else error.code,
        says="" if error is None else error.says,
        seconds=round(time.monotonic() - started, 3),
    )


def _ask(
    address: str, endpoint: Endpoint, deadline: Deadline
) -> tuple[str | None, bool | None, ClientError | None]:
    xapi = Xapi(endpoint, address, deadline, PROBE_S)
    try:
        xapi.login()
    except Refused as no:
        if no.code == "HOST_IS_SLAVE" and no.params:
            return no.params[0], False, None
        return None, _in_emergency(xapi), no
    except ClientError as error:
        return None, None, error
    else:
        return address, False, None
    finally:
        xapi.close()


def _in_emergency(xapi: Xapi) -> bool | None:
    with suppress(ClientError):
        return xapi.in_emergency()
    return None
