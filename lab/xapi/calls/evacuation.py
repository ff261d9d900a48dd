"""host.evacuate and what stands in its way (xapi_host.ml). 8.2 moves one VM after the other."""

from __future__ import annotations

from lab.world import moving
from lab.world.process import Process, Steps
from lab.world.refusal import Refusal
from lab.world.releases import at_least
from lab.world.things import NULL, VM, Host
from lab.xapi.calls.planning import assert_plan_survives_without
from lab.xapi.registry import Context, message

BATCH = 10  # migrations at once from 23.19 on (evacuation-batch-size); one after the other before
NOT_PROTECTED_SINCE = 17  # of 26: the release that says what it means


def obstacle(vm: VM, host: Host) -> list[str] | None:
    """Why the VM keeps its host from being emptied. With HA on every unprotected VM does."""
    if host.pool.ha_enabled and not vm.protected:
        return [_unprotected(host), vm.ref]
    rooms = [peer for peer in host.pool.hosts if peer is not host]
    if moving.room_for(vm, rooms) is not None:
        return None
    usable = [peer for peer in rooms if peer.enabled and peer.live]
    if not usable:
        return ["NO_HOSTS_AVAILABLE"]
    refusals = [moving.migration_refusal(vm, peer) for peer in usable]
    return next((refusal.description for refusal in refusals if refusal is not None), None)


def _unprotected(host: Host) -> str:
    """Up to 26.16 a misleading error about memory."""
    year, _, rest = host.software_version.get("xapi_build", "0.0").partition(".")
    minor = int(rest.partition(".")[0] or 0)
    plain = (int(year), minor) >= (26, NOT_PROTECTED_SINCE)
    return "HOST_EVACUATE_VM_NOT_HA_PROTECTED" if plain else "HOST_NOT_ENOUGH_FREE_MEMORY"


@message("host.get_vms_which_prevent_evacuation", "host")
def get_vms_which_prevent_evacuation(ctx: Context, host: Host) -> dict[str, list[str]]:
    found = {vm.ref: obstacle(vm, host) for vm in host.resident}
    return {ref: error for ref, error in found.items() if error is not None}


@message("host.assert_can_evacuate", "host")
def assert_can_evacuate(ctx: Context, host: Host) -> None:
    errors = [error for vm in host.resident if (error := obstacle(vm, host))]
    if errors:
        raise Refusal("CANNOT_EVACUATE_HOST", "|".join(",".join(error) for error in errors))


@message("host.evacuate", "host", optional=("string", "int"), optional_since=("1.297.0", "23.27.0"))
def evacuate(ctx: Context, host: Host, network: str = NULL, batch: int = 0) -> Steps:
    """Does not disable the host: who wants it to stay empty disables it first. All networks are equally fast here."""
    assert_plan_survives_without(ctx.pool, host)
    with ctx.operation(host, "evacuate", "host"):
        yield from ctx.reach(host)
        guests = host.resident
        for vm in guests:
            error = obstacle(vm, host)
            if error is not None:
                raise Refusal(*error)
        window = (batch or BATCH) if at_least(host, (8, 3)) else 1
        yield from _move_all(ctx, host, guests, window)
        if host.resident:
            raise Refusal("INTERNAL_ERROR", "VMs remain on the host")


def _move_all(ctx: Context, host: Host, guests: list[VM], window: int) -> Steps:
    """A window of migrations at a time; the first that fails ends it, those under way go on."""
    left, moves = list(guests), list[Process]()
    try:
        while left or moves:
            while left and len(moves) < window:
                moves.append(ctx.world.run(_move_away(ctx, left.pop(0), host), host=ctx.host))
            yield moves[0]
            ended = [move for move in moves if move.status != "pending"]
            moves = [move for move in moves if move.status == "pending"]
            for move in ended:
                if move.error is not None:
                    raise move.error
            ctx.progress((len(guests) - len(left) - len(moves)) / len(guests))
    except GeneratorExit:  # the task was cancelled
        for move in moves:
            move.stop()
        raise


def _move_away(ctx: Context, vm: VM, host: Host) -> Steps:
    if vm.resident_on is not host:
        return
    room = moving.room_for(vm, ctx.pool.hosts)
    if room is None:
        raise Refusal("NO_HOSTS_AVAILABLE")
    yield from moving.migrate(ctx.world, vm, room)
