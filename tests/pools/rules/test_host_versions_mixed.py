"""host-versions-mixed: members of different releases."""

from __future__ import annotations

from tests.pools.rules.judging import WARNING, fires_on, silent_on, the
from tests.pools.rules.trouble import versions
from tests.pools.world import judged, master_silent

CODE = "host-versions-mixed"

test_it_fires_on = fires_on(
    CODE,
    {
        "a newer member": (WARNING, "amber", judged(versions("8.3.0", "amber-3"))),
        "a newer master": (WARNING, "amber", judged(versions("8.3.0", "amber-1"))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "one release": judged(versions("8.3.0")),
        "a release that is not known": judged(versions("", "amber-3")),
        "a silent master": judged(master_silent(), known=versions("8.3.0", "amber-3")),
    },
)


def test_it_says_which_runs_where() -> None:
    says = the(judged(versions("8.3.0", "amber-3")), CODE).says
    assert says == (
        "Members run different versions: 8.2.1 on amber-1, amber-2 and amber-4; 8.3.0 on amber-3."
    )
