"""Change the HA timeout: XAPI reads it only when HA is turned on, so HA goes off and on again.

1. Look at both captains.
2. Remember how HA is set.
3. Guard the timeout against other tools: they would turn HA on with the version's default.
4. Turn HA off.
5. Turn HA on with the same heartbeat SR and the new timeout, and read both again.
6. Set the failures to tolerate, if they came back different.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.situation import Situation
from workflows.engine.step import Check, Input, Workflow
from workflows.steps import checks
from workflows.steps.ha import (
    DisableHa,
    RememberHa,
    RestoreTolerance,
    SetTimeoutGuard,
    TurnHaOn,
    enough_hosts,
    timeout_input,
)
from workflows.steps.look import LookAtBothCaptains


class ChangeHaTimeout(Workflow):
    slug = "change-ha-timeout"
    title = "Change the HA timeout of {pool}"
    family = "High availability"
    why = (
        "A short timeout fences every host of the pool when storage or network stumble. XAPI takes a new one only when "
        "HA is turned on, so that the pool is without HA for a minute or two."
    )
    duration = "2 to 5 min"
    inputs = (
        Input(
            "timeout",
            "New timeout, seconds",
            "text",
            "So long storage may be away before hosts fence. 180 is about what guests' ring buffers ride out.",
            initial="180",
        ),
    )
    steps = (
        LookAtBothCaptains(),
        RememberHa(),
        SetTimeoutGuard(),
        DisableHa(),
        TurnHaOn(),
        RestoreTolerance(),
    )

    def refusals(self, s: Situation) -> Iterator[Check]:
        timeout = timeout_input(s)
        yield Check(s.pool.ha.enabled, "HA is on", "It is off: use enable HA, and say the timeout there.")
        yield enough_hosts(s)
        yield checks.one_version(s)
        yield checks.licensed_for_ha(s)
        guarded = s.pool.ha.default_timeout_s == timeout
        differs = s.pool.ha.timeout_s != timeout or not guarded
        yield Check(
            differs,
            "The timeout differs from the one in force",
            "It is set and guarded already: nothing to do.",
        )
