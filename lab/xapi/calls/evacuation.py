"""host.evacuate and what stands in its way (xapi_host.ml). 8.2 moves one VM after the other."""

from __future__ import annotations

from lab.world import moving
from lab.world.process import Steps
from lab.world.refusal import Refusal
from lab.world.things import VM, Host
from lab.xapi.calls.planning import assert_plan_survives_without
from lab.xapi.registry import Context, message


def obstacle(vm: VM, host: Host) -> list[str] | None:
    """Why the VM keeps its host from being emptied. With HA on every unprotected VM does (before 26.17 with a
    misleading error about memory)."""
    if host.pool.ha_enabled and not vm.protected:
        return ["HOST_NOT_ENOUGH_FREE_MEMORY", vm.ref]
    rooms = [peer for peer in host.pool.hosts if peer is not host]
    if moving.room_for(vm, rooms) is not None:
        return None
    usable = [peer for peer in rooms if peer.enabled and peer.live]
    if not usable:
        return ["NO_HOSTS_AVAILABLE"]
    refusals = [moving.migration_refusal(vm, peer) for peer in usable]
    return next((refusal.description for refusal in refusals if refusal is not None), None)


@message("host.get_vms_which_prevent_evacuation", "host")
def get_vms_which_prevent_evacuation(ctx: Context, host: Host) -> dict[str, list[str]]:
    found = {vm.ref: obstacle(vm, host) for vm in host.resident}
    return {ref: error for ref, error in found.items() if error is not None}


@message("host.assert_can_evacuate", "host")
def assert_can_evacuate(ctx: Context, host: Host) -> None:
    errors = [error for vm in host.resident if (error := obstacle(vm, host))]
    if errors:
        raise Refusal("CANNOT_EVACUATE_HOST", "|".join(",".join(error) for error in errors))


@message("host.evacuate", "host")
def evacuate(ctx: Context, host: Host) -> Steps:
    """Does not disable the host: who wants it to stay empty disables it first."""
    assert_plan_survives_without(ctx.pool, host)
    with ctx.operation(host, "evacuate", "host"):
        guests = host.resident
        for vm in guests:
            error = obstacle(vm, host)
            if error is not None:
                raise Refusal(*error)
        for index, vm in enumerate(guests):
            yield from _move_away(ctx, vm, host)
            ctx.progress((index + 1) / len(guests))
        if host.resident:
            raise Refusal("INTERNAL_ERROR", "VMs remain on the host")


def _move_away(ctx: Context, vm: VM, host: Host) -> Steps:
    if vm.resident_on is not host:
        return
    room = moving.room_for(vm, ctx.pool.hosts)
    if room is None:
        raise Refusal("NO_HOSTS_AVAILABLE")
    yield from moving.migrate(ctx.world, vm, room)
