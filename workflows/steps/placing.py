"""Steps that bring guests back to where they ran before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pools.cloudstack_facts import CsVm
from pools.facts import Facts, Vm
from workflows.engine.situation import Situation
from workflows.engine.step import Api, Call, Check, Handle, Progress, Risk, Step, Traces
from workflows.steps import checks
from workflows.steps.rolling import PLACES, OneOfMany

PUT_BACK = "put_back"
SYSTEM = ("r-", "s-", "v-")
"""How the instances of routers and system VMs begin: CloudStack moves them with a command of their own."""


@dataclass(frozen=True)
class BringGuestsBack(Step):
    """Every host was emptied once, and the last one stands empty while others are full. Each guest goes back to the
    host that it ran on when the run began, moved by CloudStack where CloudStack knows it."""

    title = "Bring the guests of {host} back"
    risk = Risk.MEDIUM
    sends = ("migrateVirtualMachine", "migrateSystemVm", "VM.pool_migrate")
    undo = "Guests can be moved again; nothing is lost where they are."
    danger = "Guests are live-migrated."
    within = 3600.0
    skippable = True
    traces = Traces(tasks=("Async.VM.pool_migrate",), jobs=("MigrateVMCmd", "MigrateSystemVMCmd"))

    def applies(self, s: Situation) -> Check:
        if s.inputs.get(PUT_BACK) == "no":
            return Check(False, "guests stay where they are, as was asked for")
        return Check(True, "")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield checks.is_live(s, s.host)
        yield checks.is_enabled(s, s.host)
        need, free = sum(guest.memory for guest in away(s)), s.host.memory_free
        yield Check(
            free is None or need <= free,
            f"{s.host.name} has the memory for its guests",
            "New guests have started there meanwhile: skip this step, and leave the rest where they are.",
            f"{need / 2**30:.0f} GiB to move, {free / 2**30:.0f} GiB free" if free is not None else "",
        )
        if s.has_cloudstack:
            known = s.cs_host
            ready = known is not None and (known.state, known.resourcestate) == ("Up", "Enabled")
            yield Check(
                ready, f"CloudStack has {s.host.name} Up and Enabled", "It places no guest there before."
            )

    def expect(self, s: Situation) -> Facts:
        home = {guest.uuid for guest in away(s)}
        guests = (replace(vm, host=s.host.uuid) if vm.uuid in home else vm for vm in s.pool.vms)
        return s.facts.with_pool(vms=tuple(guests))

    def calls(self, s: Situation) -> Iterator[Call]:
        for guest in away(s):
            yield _call(guest, known_as(s, guest), s)

    def act(self, api: Api, s: Situation) -> Handle | None:
        """One migration for each guest that is away now. A second try moves only those that still are. Asked about
        are CloudStack's, where there are some: the others show by where the guests are."""
        jobs, tasks = list[str](), list[str]()
        for guest in away(s):
            known = known_as(s, guest)
            if known and s.cs_host:
                asked = {"virtualmachineid": known.id, "hostid": s.cs_host.id}
                jobs.append(api.cloudstack.start(_command(known), **asked))
            else:
                tasks.append(api.xapi.start("VM.pool_migrate", guest.ref, s.host.ref, {"live": "true"}))
        if jobs:
            return Handle("cloudstack-job", " ".join(jobs))
        return Handle("xapi-task", " ".join(tasks)) if tasks else None

    def done(self, s: Situation) -> bool:
        return not away(s)

    def progress(self, s: Situation) -> Progress:
        left = len(away(s))
        return Progress(f"{left} guests still away", left=left)


@dataclass(frozen=True)
class BringBackOne(OneOfMany, BringGuestsBack):
    """Every host was emptied once, and the last one stands empty while others are full. Each guest goes back to the
    host that it ran on when the run began, moved by CloudStack where CloudStack knows it."""

    leaves_host_out = False


def away(s: Situation) -> tuple[Vm, ...]:
    """Running guests of the host, as remembered, that run on another one now. Whoever stopped a guest meant it."""
    places = s.memory.get(PLACES, {})
    return tuple(
        vm
        for vm in s.pool.vms
        if places.get(vm.uuid) == s.host.uuid and vm.host != s.host.uuid and vm.power_state == "Running"
    )


def known_as(s: Situation, guest: Vm) -> CsVm | None:
    """CloudStack's record of a guest: the instance's name is the VM's."""
    if not s.has_cloudstack:
        return None
    return next((vm for vm in s.cloudstack.vms if vm.instance == guest.name), None)


def _command(known: CsVm) -> str:
    return "migrateSystemVm" if known.instance.startswith(SYSTEM) else "migrateVirtualMachine"


def _call(guest: Vm, known: CsVm | None, s: Situation) -> Call:
    if known and s.cs_host:
        command, ids = _command(known), f"virtualmachineid={known.id} hostid={s.cs_host.id}"
        verb = "migrate systemvm" if command == "migrateSystemVm" else "migrate virtualmachine"
        return Call("CloudStack", f"POST command={command} {ids}", f"cmk {verb} {ids}")
    return Call(
        "XenServer",
        f'Async.VM.pool_migrate("{guest.ref}", "{s.host.ref}", {{"live": "true"}})',
        f"xe vm-migrate uuid={guest.uuid} host-uuid={s.host.uuid} live=true",
    )
