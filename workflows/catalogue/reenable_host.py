"""Re-enable a host: bring a host back that is live but disabled, and that CloudStack holds in Alert.

1. Find out why it is disabled.
2. Plug the storage that is unplugged on it, one step for each SR.
3. Enable the host in the pool.
4. Wait until CloudStack shows it Up. No call is needed there, and its own reconnect does not heal Alert.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.facts import Facts, Host
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Step, Workflow
from workflows.steps.host import BackInCloudStack, EnableHost, FindOutWhy, PlugStorage


class ReenableHost(Workflow):
    slug = "reenable-host"
    title = "Re-enable {host} in {pool}"
    family = "Hosts"
    why = (
        "A host that crashed comes back disabled when its storage does not plug, and CloudStack shows it in Alert and "
        "uses it no more. Mend the reason, enable the host, and CloudStack takes it back by itself."
    )
    duration = "2 to 6 min"
    inputs = (Input("host", "Host to enable", "host", "A live host that is disabled."),)
    steps = (FindOutWhy(), PlugStorage("", ""), EnableHost(), BackInCloudStack())

    def build(self, s: Situation) -> tuple[Step, ...]:
        names = {sr.uuid: sr.name for sr in s.pool.srs}
        loose = [p for p in s.pool.pbds if p.host == s.host.uuid and not p.attached]
        plugs = tuple(PlugStorage(p.uuid, names.get(p.sr, p.sr)) for p in sorted(loose, key=lambda p: p.uuid))
        first, _, *rest = self.steps
        return (first, *plugs, *rest)

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        hosts = facts.pool.hosts if facts.pool else ()
        return tuple(
            sorted((_candidate(facts, h) for h in hosts), key=lambda c: (len(c.out), len(c.con), c.label))
        )

    def refusals(self, s: Situation) -> Iterator[Check]:
        yield Check(
            s.in_pool, f"{s.host.name} is a member of {s.pool.name}", "It has left the pool: add it again."
        )
        yield Check(
            s.host.live, f"{s.host.name} is live", "A dead host cannot be enabled: bring it back first."
        )
        waits = s.has_cloudstack and s.cs_host is not None and s.cs_host.state != "Up"
        yield Check(
            not s.host.enabled or waits,
            f"{s.host.name} is disabled, or not Up in CloudStack",
            "Nothing to do.",
        )


def _candidate(facts: Facts, host: Host) -> Candidate:
    out = [] if host.live else ["not live"]
    pro = ["live, disabled"] if host.live and not host.enabled else []
    con = ["enabled already"] if host.enabled else []
    if cs := facts.cs_host(host):
        (con if cs.state == "Up" else pro).append(f"CloudStack shows it {cs.state}")
    return Candidate(host.uuid, host.name, tuple(pro), tuple(con), tuple(out))
