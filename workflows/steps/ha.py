"""Steps about pool HA: keep its settings, turn it off, turn it on again as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pools.facts import Facts, PoolFacts, Sr
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Causes, Check, Handle, Progress, Risk, Step, Traces
from workflows.steps import checks

ENOUGH_HOSTS = 3
"""With two hosts, the one that is left cannot tell a dead neighbour from its own isolation, and fences itself."""

SHORTEST_TIMEOUT_S, LONGEST_TIMEOUT_S = 30, 900
"""XAPI takes 10 s and more (xapi_ha.ml:240); under 30 s the heartbeats are too few for a shared storage."""

GUARD = "default_ha_timeout"
FOR_NOW, FOR_GOOD = "for-now", "for-good"
"""Values of the input `wish`: HA is owed until it is on again, or is meant to stay off."""
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class RememberHa(Step):
    """Turning HA off loses nothing in XAPI's database but the certainty of what was meant: another tool may turn it on
    with other settings in between. The heartbeat SR, the timeout and the failures to tolerate are kept here first."""

    title = "Remember how HA is set"
    within = 30.0

    def applies(self, s: Situation) -> Check:
        return Check(s.pool.ha.enabled, "HA is off: there is nothing to remember")

    def remember(self, s: Situation) -> Mapping[str, Any]:
        """Nothing while the heartbeat SR is not known: half of the settings would turn HA off, and never on again."""
        return {"ha": settings(s)} if s.pool.ha.statefile_srs else {}

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(
            bool(s.pool.ha.statefile_srs),
            "The heartbeat SR is known",
            "The statefile's VDI could not be read, so HA could not be turned on again as it was.",
        )

    def done(self, s: Situation) -> bool:
        return "ha" in s.memory


@dataclass(frozen=True)
class DisableHa(Step):
    """While HA is on XAPI changes no master, takes no host in and lets none leave, and a reboot counts as a crash.
    Until it is on again nobody elects a new master if this one dies."""

    title = "Turn HA off"
    risk = Risk.HIGH
    sends = ("pool.disable_ha",)
    undo = "Turn HA on again, as it was."
    danger = "From here until HA is on again, a dead master stays dead until somebody acts."
    within = 600.0
    traces = Traces(tasks=("Async.pool.disable_ha",), operations=("ha_disable",))
    causes = Causes(pool=("ha-off-unwanted", "no-master-recovery"))
    owes = "ha"

    def applies(self, s: Situation) -> Check:
        return Check(s.pool.ha.enabled or "ha" in s.memory, "HA is off already, as it was found")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check("ha" in s.memory, "Its settings are kept", "Go back to the step that remembers them.")
        yield as_kept(s)
        yield checks.nothing_under_way(s)
        yield checks.all_live(s)
        yield checks.one_version(s)
        yield checks.licensed_for_ha(s)

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_ha(enabled=False)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield Call("XenServer", "Async.pool.disable_ha()", "xe pool-ha-disable")

    def owing(self, s: Situation) -> str:
        return f"HA is off on {s.pool.name}; it was on with {describe(s)}." if s.pool.ha.enabled else ""

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("pool.disable_ha"))

    def done(self, s: Situation) -> bool:
        return not s.pool.ha.enabled

    def progress(self, s: Situation) -> Progress:
        """A call that hangs is watched: sending it again would not help it on."""
        answering = {p.address for p in s.facts.probes if p.answers}
        silent = [h.name for h in s.pool.hosts if h.address not in answering]
        waits = f"; XAPI waits for {', '.join(silent)}, and this is not sent again" if silent else ""
        return Progress(f"HA is still on{waits}", left=len(silent) or None)


@dataclass(frozen=True)
class StopHa(DisableHa):
    """HA goes off although a member may be dead. XAPI tells every host by itself when the heartbeat's SR is gone, and
    tries for ever while one cannot be told: such a call is watched, never sent a second time."""

    danger = "From here on a dead master stays dead until somebody acts."

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check("ha" in s.memory, "Its settings are kept", "Go back to the step that remembers them.")
        yield as_kept(s)
        yield checks.nothing_under_way(s)
        yield disabling_ends(s)

    def owing(self, s: Situation) -> str:
        return "" if s.inputs.get("wish") == FOR_GOOD else super().owing(s)


@dataclass(frozen=True)
class TurnHaOn(Step):
    """HA is turned on with its timeout said out loud: without it XAPI takes its default, and a short timeout fences
    every host on a storage hiccup. Afterwards the settings are read again, not believed."""

    title = "Turn HA on"
    risk = Risk.HIGH
    sends = ("pool.enable_ha",)
    undo = "Turn HA off again."
    danger = "From here on a host that cannot write its heartbeat for longer than the timeout fences itself."
    within = 900.0
    traces = Traces(tasks=("Async.pool.enable_ha",), operations=("ha_enable",))
    pays = ("ha",)

    def wanted(self, s: Situation) -> Settings:
        """The heartbeat SR and the timeout that the form asked for; the SR that was in use, if it did not ask."""
        srs = [s.inputs["sr"]] if s.inputs.get("sr") else kept(s)["srs"]
        return {"srs": srs, "timeout_s": timeout_input(s), "configuration": {}}

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.ha_is_off(s)
        yield enough_hosts(s)
        yield checks.one_version(s)
        yield checks.licensed_for_ha(s)
        yield checks.nothing_under_way(s)
        yield checks.all_live(s)
        yield checks.all_answer(s)
        yield _attached_everywhere(s, _heartbeat_sr(s, self.wanted(s)))

    def expect(self, s: Situation) -> Facts:
        ha = self.wanted(s)
        return s.facts.with_ha(
            enabled=True,
            timeout_s=ha["timeout_s"],
            statefile_srs=tuple(ha["srs"]),
            configuration=tuple(sorted(_configuration(ha).items())),
        )

    def calls(self, s: Situation) -> Iterator[Call]:
        ha = self.wanted(s)
        sr, config = _heartbeat_sr(s, ha), _configuration(ha)
        words = "".join(f" ha-config:{key}={value}" for key, value in sorted(config.items()))
        yield Call(
            "XenServer",
            f'Async.pool.enable_ha(["{sr.ref}"], {config})',
            f"xe pool-ha-enable heartbeat-sr-uuids={sr.uuid}{words}",
        )

    def act(self, api: Api, s: Situation) -> Handle:
        ha = self.wanted(s)
        return Handle(
            "xapi-task", api.xapi.start("pool.enable_ha", [_heartbeat_sr(s, ha).ref], _configuration(ha))
        )

    def done(self, s: Situation) -> bool:
        ha = self.wanted(s)
        if "ha_disable" in s.pool.current_operations:
            return False  # on, but not for long: a call that went overdue is still at work
        same_sr = set(ha["srs"][:1]) <= set(s.pool.ha.statefile_srs)
        return s.pool.ha.enabled and same_sr and s.pool.ha.timeout_s == ha["timeout_s"]


@dataclass(frozen=True)
class RestoreHa(TurnHaOn):
    """HA goes on with the very settings that were found: the same heartbeat SR and the timeout said out loud, since
    without it XAPI takes its default, and a short timeout fences every host on a storage hiccup."""

    title = "Turn HA on, as it was"

    def wanted(self, s: Situation) -> Settings:
        return kept(s)

    def applies(self, s: Situation) -> Check:
        if "ha" not in s.memory:
            return Check(False, "HA was off when the run began")
        enough = len(s.pool.hosts) >= ENOUGH_HOSTS
        return Check(
            enough,
            f"fewer than {ENOUGH_HOSTS} hosts are left: with HA on they would fence each other",
        )


@dataclass(frozen=True)
class SetTimeoutGuard(Step):
    """XenCenter and most other tools turn HA on without a timeout. This key is what XAPI falls back to then, instead of
    the version's own default, so that a 180 s pool stays one."""

    title = "Guard the timeout against other tools"
    risk = Risk.LOW
    sends = ("pool.remove_from_other_config", "pool.add_to_other_config")
    undo = "xe pool-param-remove param-name=other-config param-key=default_ha_timeout"
    within = 60.0
    skippable = True

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_ha(default_timeout_s=timeout_input(s))

    def calls(self, s: Situation) -> Iterator[Call]:
        value = timeout_input(s)
        if s.pool.ha.default_timeout_s is not None:
            yield Call(
                "XenServer",
                f'pool.remove_from_other_config("{s.pool.ref}", "{GUARD}")',
                f"xe pool-param-remove uuid={s.pool.uuid} param-name=other-config param-key={GUARD}",
            )
        yield Call(
            "XenServer",
            f'pool.add_to_other_config("{s.pool.ref}", "{GUARD}", "{value}")',
            f"xe pool-param-set uuid={s.pool.uuid} other-config:{GUARD}={value}",
        )

    def act(self, api: Api, s: Situation) -> None:
        if (
            s.pool.ha.default_timeout_s is not None
        ):  # a key that is there already is refused with MAP_DUPLICATE_KEY
            api.xapi.call("pool.remove_from_other_config", s.pool.ref, GUARD)
        api.xapi.call("pool.add_to_other_config", s.pool.ref, GUARD, str(timeout_input(s)))

    def done(self, s: Situation) -> bool:
        return s.pool.ha.default_timeout_s == timeout_input(s)


@dataclass(frozen=True)
class RestoreTolerance(Step):
    """How many host failures the pool plans for is a setting of its own; XAPI usually keeps it while HA is off. It is
    read again, and set only if it came back different."""

    title = "Set the failures to tolerate, as they were"
    risk = Risk.LOW
    sends = ("pool.set_ha_host_failures_to_tolerate",)
    undo = "Set the number that XAPI had chosen."
    within = 60.0
    skippable = True

    def applies(self, s: Situation) -> Check:
        return RestoreHa().applies(s)

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(s.pool.ha.enabled, "HA is on")

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_ha(failures_to_tolerate=kept(s)["failures_to_tolerate"])

    def calls(self, s: Situation) -> Iterator[Call]:
        number = kept(s)["failures_to_tolerate"]
        yield Call(
            "XenServer",
            f'pool.set_ha_host_failures_to_tolerate("{s.pool.ref}", {number})',
            f"xe pool-param-set uuid={s.pool.uuid} ha-host-failures-to-tolerate={number}",
        )

    def act(self, api: Api, s: Situation) -> None:
        number = str(
            kept(s)["failures_to_tolerate"]
        )  # XML-RPC carries XAPI's 64-bit integers as strings of digits
        api.xapi.call("pool.set_ha_host_failures_to_tolerate", s.pool.ref, number)

    def done(self, s: Situation) -> bool:
        return s.pool.ha.failures_to_tolerate == kept(s)["failures_to_tolerate"]


def settings(s: Situation) -> dict[str, Any]:
    """How HA is set now, as it is kept."""
    return settings_of(s.pool)


def settings_of(pool: PoolFacts) -> dict[str, Any]:
    ha = pool.ha
    return {
        "srs": list(ha.statefile_srs),
        "timeout_s": ha.timeout_s,
        "configuration": dict(ha.configuration),
        "failures_to_tolerate": ha.failures_to_tolerate,
        "allow_overcommit": ha.allow_overcommit,
    }


def kept(s: Situation) -> dict[str, Any]:
    """The remembered settings; a clear error if a run gets here without them."""
    if "ha" not in s.memory:
        raise NotKnown("HA's settings were not remembered by this run, so it cannot turn HA on as it was.")
    remembered: dict[str, Any] = s.memory["ha"]
    return remembered


def as_kept(s: Situation) -> Check:
    """An hour may lie between keeping the settings and turning HA off: what would be restored must be what is lost."""
    names = ("timeout_s", "failures_to_tolerate", "allow_overcommit")
    was, now = s.memory.get("ha"), settings(s)
    same = was is None or (was["srs"][:1] == now["srs"][:1] and all(was[n] == now[n] for n in names))
    return Check(
        same,
        "HA is set as it was when the run began",
        f"Kept was {describe(s)}. Set it so again, or end this run and plan it anew: it would bring back the old "
        "settings.",
    )


def disabling_ends(s: Situation) -> Check:
    """Without the statefile XAPI contacts each host, every 30 s, until all were told (xapi_ha.ml:1767)."""
    master = s.pool.master_host
    answering = {p.address for p in s.facts.probes if p.answers}
    silent = [h.name for h in s.pool.hosts if not h.live or h.address not in answering]
    return Check(
        not silent or bool(master and master.ha_statefiles),
        "XAPI can turn HA off: it reaches the heartbeat's SR, or every member",
        f"{', '.join(silent)} cannot be told, and the statefile is not reached: the call would never end. Mend the "
        "storage or the host, or use break fence loop.",
    )


def describe(s: Situation) -> str:
    """The settings in a few words: `nfs-hb, 180 s, 1 failure to tolerate`."""
    ha = kept(s) if "ha" in s.memory else settings(s)
    names = ", ".join(sr.name if (sr := s.pool.sr(uuid)) else uuid for uuid in ha["srs"]) or "an unknown SR"
    timeout = f"{ha['timeout_s']} s" if ha["timeout_s"] else "the version's default timeout"
    number = ha["failures_to_tolerate"]
    return f"{names}, {timeout}, {number} {'failure' if number == 1 else 'failures'} to tolerate"


def timeout_input(s: Situation) -> int:
    """The timeout that the form asked for, in seconds; a clear error when it is no number of use."""
    text = s.inputs.get("timeout", "").strip()
    if not text.isascii() or not text.isdigit() or not SHORTEST_TIMEOUT_S <= int(text) <= LONGEST_TIMEOUT_S:
        span = f"{SHORTEST_TIMEOUT_S} to {LONGEST_TIMEOUT_S}"
        raise NotKnown(
            f"The timeout has to be a whole number of seconds from {span}, not {text or 'nothing'}."
        )
    return int(text)


def enough_hosts(s: Situation) -> Check:
    return Check(
        sum(h.live for h in s.pool.hosts) >= ENOUGH_HOSTS,
        f"At least {ENOUGH_HOSTS} hosts are live",
        "With fewer, a host that loses its neighbours takes itself for isolated and fences. Add a host first.",
    )


def _configuration(ha: Settings) -> dict[str, str]:
    timeout = {"timeout": str(ha["timeout_s"])} if ha["timeout_s"] else {}
    return {**ha["configuration"], **timeout}


def _heartbeat_sr(s: Situation, ha: Settings) -> Sr:
    """Only the first heartbeat SR is used by XAPI (xapi_ha.ml:1931)."""
    sr = s.pool.sr(ha["srs"][0]) if ha["srs"] else None
    if sr is None:
        raise NotKnown("The heartbeat SR is not in the pool: choose another one with the workflow enable-ha.")
    return sr


def _attached_everywhere(s: Situation, sr: Sr) -> Check:
    attached = {p.host for p in s.pool.pbds if p.sr == sr.uuid and p.attached}
    missing = [h.name for h in s.pool.hosts if h.uuid not in attached]
    says = f"The heartbeat SR {sr.name} is attached on every host"
    return Check(not missing, says, f"Plug it on {', '.join(missing)}.")


DisableHa.undo_with = (RestoreHa, RestoreTolerance)
