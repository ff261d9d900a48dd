"""cloudstack-unreachable: CloudStack cannot be read."""

from __future__ import annotations

from dataclasses import replace

from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.rules.trouble import no_cloudstack
from tests.pools.world import SILENT, amber, judged, master_silent

CODE = "cloudstack-unreachable"

test_it_fires_on = fires_on(
    CODE,
    {
        "no answer": (WARNING, "amber", judged(no_cloudstack())),
        "something that is no CloudStack": (WARNING, "amber", judged(no_cloudstack("not-cloudstack"))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "wrong keys, which is another trouble": judged(no_cloudstack("login-refused")),
        "a pool without CloudStack": judged(replace(amber(), cloudstack=None), known=None),
        "one that could be read in part": judged(replace(amber(), cloudstack_trouble=SILENT)),
        "a silent master": judged(master_silent()),
    },
)
