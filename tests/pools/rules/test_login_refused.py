"""login-refused: a captain is there, and does not let us in."""

from __future__ import annotations

from tests.pools.rules.judging import CRITICAL, fires_on, silent_on
from tests.pools.rules.trouble import no_cloudstack, refused
from tests.pools.world import amber, judged, master_silent, with_probe

CODE = "login-refused"

test_it_fires_on = fires_on(
    CODE,
    {
        "XenServer": (CRITICAL, "amber", judged(refused("login-refused"))),
        "CloudStack": (CRITICAL, "amber", judged(no_cloudstack("login-refused"))),
        "keys without rights": (CRITICAL, "amber", judged(no_cloudstack("not-permitted"))),
        "clocks too far apart for a signature": (CRITICAL, "amber", judged(no_cloudstack("clock-skew"))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a dead master": judged(master_silent()),
        "another certificate": judged(refused("tls-untrusted")),
        "a silent CloudStack": judged(no_cloudstack()),
        "a member that refuses a probe's password": judged(
            with_probe(amber(), "127.10.1.3", code="login-refused")
        ),
    },
)
