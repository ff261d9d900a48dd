"""A pool's database as data: the copies that members keep, and what an old copy does to a pool.

Without HA the master hands each member a copy in turn, 300 s before each (pool_db_backup.ml): a member's is up to
(N-1)·5 minutes old. A member that is made master in an emergency goes on from its own. If the old master still rules
behind a cut network there are two databases of one pool from then on: ``split`` makes a second ``Pool`` with the same
uuid, in which a machine that follows the other master is a mere record (``Host.record_of``).
"""

from __future__ import annotations

import copy as shallow
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from lab.world.things import PBD, PIF, SM, SR, VDI, VM, Host, Network, Pool, Thing, Update

if TYPE_CHECKING:
    from lab.world.world import World

Row = tuple[Any, ...]
Rows = dict[Thing, Row]
Mapping = dict[Thing, Thing]

HOST_COLUMNS = (
    *("ref", "uuid", "name", "name_description", "address", "metrics_ref"),
    *("enabled", "live", "multipathing", "power_on_mode"),
    *("pbds", "pifs", "other_config", "license_params", "software_version", "edition"),
    *("external_auth_type", "external_auth_service_name", "ha_statefiles", "ha_network_peers"),
    *("pending_guidances", "pending_guidances_recommended", "pending_guidances_full"),
    "updates_requiring_reboot",
)
NOT_IN_THE_DATABASE = {
    Pool: {"tasks", "messages", "sessions", "current_operations", "bandwidth", "unsynced", "unheard"},
    VM: {"current_operations", "cannot_migrate"},
    PBD: {"fails"},
}


def _columns(kind: type[Thing]) -> tuple[str, ...]:
    left_out = NOT_IN_THE_DATABASE.get(kind, set())
    return tuple(field.name for field in fields(kind) if field.name not in left_out)


COLUMNS: dict[type[Thing], tuple[str, ...]] = {
    Host: HOST_COLUMNS,
    **{kind: _columns(kind) for kind in (Pool, VM, SR, PBD, VDI, Network, PIF, SM, Update)},
}
READ = {kind: attrgetter(*columns) for kind, columns in COLUMNS.items()}
CONTAINERS = (list, set)
SCALARS = {str, int, float, bool, type(None)}  # a large world copies millions of them


@dataclass(frozen=True)
class Copy:
    """A database as it was at ``taken`` (lab seconds)."""

    taken: float
    pool: Pool
    rows: Rows

    @property
    def hosts(self) -> list[Host]:
        return [thing for thing in self.rows if isinstance(thing, Host)]


def take(world: World, pool: Pool, like: Copy | None = None) -> Copy:
    """The database as it is now. If nothing changed since ``like`` the two share their rows."""
    rows = {thing: _row(thing) for thing in _things(pool)}
    if like is not None and like.rows == rows:
        rows = like.rows
    return Copy(world.now(), pool, rows)


def _things(pool: Pool) -> list[Thing]:
    storage = [*pool.srs, *pool.sms, *pool.pbds, *pool.vdis]
    return [pool, *pool.hosts, *pool.vms, *storage, *pool.networks, *pool.pifs, *pool.updates]


def _row(thing: Thing) -> Row:
    return tuple([value if type(value) in SCALARS else _copied(value) for value in READ[type(thing)](thing)])


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()} if value else {}
    return value.copy() if isinstance(value, CONTAINERS) else value


def hand_out(world: World, pool: Pool, members: list[Host]) -> None:
    """Give these members a copy of the database as it is now."""
    if members:
        copy = take(world, pool, members[0].copy)
        for member in members:
            member.copy = copy


def _write(rows: Rows, mapping: Mapping) -> None:
    """Write rows into the things they are of, or into what the mapping puts in their place."""
    for thing, row in rows.items():
        target = mapping.get(thing, thing)
        for name, value in zip(COLUMNS[type(thing)], row, strict=True):
            setattr(target, name, _mapped(value, mapping))


def _mapped(value: Any, mapping: Mapping) -> Any:
    if isinstance(value, Thing):
        return mapping.get(value, value)
    if isinstance(value, list):
        return [_mapped(each, mapping) for each in value]
    return _copied(value)


def go_back(world: World, pool: Pool, copy: Copy) -> None:
    """The database is from now on as in the copy. Hosts it does not know stand outside, VMs run on unknown to it."""
    before = list(pool.hosts)
    pool.unsynced |= _running(pool)
    pool.unheard |= {host.machine for host in before}
    gone: Mapping = {host: _record(host) for host in copy.hosts if host.pool is not pool}
    _write(copy.rows, gone)
    for host in pool.hosts:
        host.pool = pool
    world.outcasts += [host for host in before if host not in pool.hosts]


def _running(pool: Pool) -> dict[VM, Host]:
    guests = [vm for vm in pool.vms if vm.power_state == "Running" and not vm.is_control_domain]
    return {vm: vm.resident_on.machine for vm in guests if vm.resident_on is not None}


def _record(host: Host) -> Host:
    """What a database says of a machine that follows another master."""
    record = shallow.copy(host)
    record.record_of = host.machine
    record.power, record.toolstack, record.emergency = "off", "stopped", None
    record.processes, record.local_sessions, record.cut_srs = set(), set(), set()
    record.starting = record.copy = None
    return record


def split(world: World, host: Host) -> Pool:
    """A second database of the host's pool, with this host as master: its own copy, or the present state."""
    old = host.pool
    copy = host.copy or take(world, old)
    truth = _running(old)
    new = shallow.copy(copy.pool)
    mapping: Mapping = {thing: shallow.copy(thing) for thing in copy.rows if not isinstance(thing, Host)}
    mapping |= {peer: _record(peer) for peer in copy.hosts if peer is not host}
    mapping[copy.pool] = new
    _leave_a_record(world, old, host)
    _write(copy.rows, mapping)
    new.tasks, new.messages, new.sessions, new.current_operations = [], [], {}, {}
    new.unsynced = {twin: at for vm, at in truth.items() if isinstance(twin := mapping.get(vm), VM)}
    new.unheard = {peer.machine for peer in new.hosts}
    for peer in new.hosts:
        peer.pool = new
    world.pools.append(new)
    return new


def _leave_a_record(world: World, pool: Pool, host: Host) -> None:
    _write(take(world, pool).rows, {host: _record(host)})


def follow_over(world: World, host: Host, master: Host) -> None:
    """A machine that believes in the other master's database now: there it stops being a mere record."""
    old, new = host.pool, master.pool
    record = next((peer for peer in new.hosts if peer.record_of is host), None)
    if new is old or record is None:
        return
    _carry_truth(host, old, new)
    if host in old.hosts:
        _leave_a_record(world, old, host)
    _write(take(world, new).rows, {record: host})
    host.pool = new
    if host in world.outcasts:
        world.outcasts.remove(host)
    if old in world.pools and not any(peer.record_of is None for peer in old.hosts):
        world.pools.remove(old)


def _carry_truth(host: Host, old: Pool, new: Pool) -> None:
    """Which VMs run on the host is what the database says that it wrote to until now."""
    if host in old.unheard:
        return
    forget_truth(host, new)
    twins = {vm.uuid: vm for vm in new.vms}
    for vm, at in _running(old).items():
        if at is host and vm.uuid in twins:
            new.unsynced[twins[vm.uuid]] = host
    new.unheard.add(host)


def learn_truth(host: Host) -> None:
    """A host tells its master's database which VMs it really runs (xapi on start: resynchronise)."""
    pool = host.pool
    if host not in pool.unheard:
        return
    pool.unheard.discard(host)
    mine = {vm for vm, at in pool.unsynced.items() if at is host}
    for vm in host.resident:
        if vm not in mine:
            vm.power_state, vm.resident_on = "Halted", None
    for vm in mine:
        del pool.unsynced[vm]
        if vm in pool.vms:
            vm.power_state, vm.resident_on = "Running", host


def forget_truth(host: Host, pool: Pool) -> None:
    """Where VMs run by this database's knowledge is not on this host: the machine lost power, or others know better."""
    for vm in [vm for vm, at in pool.unsynced.items() if at is host]:
        del pool.unsynced[vm]
