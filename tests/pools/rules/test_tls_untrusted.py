"""tls-untrusted: a certificate that nobody vouches for."""

from __future__ import annotations

from dataclasses import replace

from pools.facts import Probe
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on
from tests.pools.rules.trouble import no_cloudstack, refused
from tests.pools.world import amber, judged, with_probe

CODE = "tls-untrusted"

test_it_fires_on = fires_on(
    CODE,
    {
        "the pool's": (CRITICAL, "amber", judged(refused("tls-untrusted"))),
        "CloudStack's": (CRITICAL, "amber", judged(no_cloudstack("tls-untrusted"))),
        "a member's": (
            CRITICAL,
            "amber-3",
            judged(with_probe(amber(), "127.10.1.3", answers=False, code="tls-untrusted")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a silent member": judged(with_probe(amber(), "127.10.1.3", answers=False, code="timeout")),
        "a stranger at an address that is no member's": judged(
            replace(amber(), probes=(Probe(address="127.10.9.9", answers=False, code="tls-untrusted"),))
        ),
        "a member that answers all the same": judged(with_probe(amber(), "127.10.1.3", code="tls-untrusted")),
        "a wrong password": judged(refused("login-refused")),
    },
)
