"""Certificates learned over a channel that is trusted already."""

from __future__ import annotations

from contextlib import suppress

from pools.clients.errors import ClientError, Refused
from pools.clients.trust import fingerprint_of_pem
from pools.clients.xapi import Xapi


def members_pins(xapi: Xapi) -> dict[str, str]:
    """Address → SHA-256 fingerprint for every host whose certificate the master can show now. Empty on versions
    that do not know the call; hosts that are off are left out."""
    pins: dict[str, str] = {}
    for ref, host in xapi.call("host.get_all_records").items():
        try:
            pem = xapi.call("host.get_server_certificate", ref)
        except Refused as no:
            if no.code == "MESSAGE_METHOD_UNKNOWN":
                return {}
            continue
        with suppress(ValueError):
            pins[str(host["address"])] = fingerprint_of_pem(str(pem))
    return pins


def is_vouched_for(member: Xapi, address: str, fingerprint: str) -> bool:
    """Whether a member that we trust says that its pool's host at that address has that certificate. `member` is
    not logged in."""
    with suppress(ClientError), member.local():
        return members_pins(member).get(address) == fingerprint
    return False
