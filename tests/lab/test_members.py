"""Hosts that leave a pool, and hosts that join one."""

from __future__ import annotations

import pytest
import XenAPI

from lab.world import World
from tests.lab.conftest import Site, code


def eject(site: Site, name: str, master: str = "basalt-1") -> None:
    site.run(site.session(master), "pool.eject", site.host(name).ref)


def refusal(site: Site, name: str, master: str = "basalt-1") -> str:
    with pytest.raises(XenAPI.Failure) as refused:
        eject(site, name, master)
    return code(refused)


def test_an_ejected_host_is_gone_from_the_pool_and_reboots(site: Site) -> None:
    site.empty("basalt-3")
    ref = site.host("basalt-3").ref
    eject(site, "basalt-3")
    session = site.session("basalt-1")
    assert ref not in session.xenapi.host.get_all()
    assert all(record["host"] != ref for record in session.xenapi.PBD.get_all_records().values())
    assert site.host("basalt-3").power == "booting"


def test_after_minutes_it_is_a_pool_of_its_own_without_name(site: Site) -> None:
    site.empty("basalt-3")
    eject(site, "basalt-3")
    site.lab.step(300)
    site.lab.wait_until(lambda world: site.lab.lab.listeners[world.host("basalt-3")].mode == "open")
    xenapi = site.session("basalt-3").xenapi
    [pool] = xenapi.pool.get_all_records().values()
    assert (pool["name_label"], xenapi.host.get_name_label(pool["master"])) == ("", "basalt-3")
    assert xenapi.host.get_enabled(pool["master"]) is True


def test_what_was_on_its_local_disk_is_lost(site: Site) -> None:
    site.empty("basalt-2")
    assert any(vdi.name == "scratch" for vdi in site.pool("basalt").vdis)
    eject(site, "basalt-2")
    left = [site.pool("basalt"), site.host("basalt-2").pool]
    assert not any(vdi.name == "scratch" for pool in left for vdi in pool.vdis)


def test_with_ha_on_nobody_is_ejected(site: Site) -> None:
    site.empty("amber-2")
    assert refusal(site, "amber-2", "amber-1") == "HA_IS_ENABLED"


def test_a_master_is_not_ejected(site: Site) -> None:
    assert refusal(site, "basalt-1") == "INTERNAL_ERROR"


def test_a_host_with_a_resident_vm_is_not_ejected(site: Site) -> None:
    assert refusal(site, "basalt-3") == "OPERATION_NOT_ALLOWED"


def test_a_paused_vm_holds_it_too(site: Site) -> None:
    vm, *others = site.host("basalt-3").resident

    def pause(world: World) -> None:
        vm.power_state = "Paused"
        for other in others:
            other.power_state, other.resident_on = "Halted", None

    site.lab.do(pause)
    assert refusal(site, "basalt-3") == "OPERATION_NOT_ALLOWED"


def test_a_dead_host_is_not_ejected(site: Site) -> None:
    site.empty("basalt-3")
    site.lab.do(lambda world: setattr(world.host("basalt-3"), "live", False))
    assert refusal(site, "basalt-3") == "HOST_OFFLINE"


def test_a_dead_host_is_destroyed_instead(site: Site) -> None:
    site.empty("basalt-3")
    site.lab.break_("kill", "basalt-3")
    site.lab.step(700)
    site.empty("basalt-3")
    session = site.session("basalt-1")
    session.xenapi.host.destroy(site.host("basalt-3").ref)
    assert len(session.xenapi.host.get_all()) == 4


def test_a_living_host_is_not_destroyed(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-1").xenapi.host.destroy(site.host("basalt-3").ref)
    assert code(refused) == "HOST_IS_LIVE"


def test_with_ha_on_no_host_is_destroyed(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("amber-3"), "live", False))
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.host.destroy(site.host("amber-3").ref)
    assert code(refused) == "HA_IS_ENABLED"


def test_a_host_whose_vms_are_still_in_the_books_is_not_destroyed(site: Site) -> None:
    site.lab.do(lambda world: setattr(world.host("basalt-3"), "live", False))
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-1").xenapi.host.destroy(site.host("basalt-3").ref)
    assert code(refused) == "HOST_HAS_RESIDENT_VMS"


def standalone(site: Site, name: str = "basalt-3") -> None:
    site.empty(name)
    eject(site, name)
    site.lab.step(300)
    site.lab.wait_until(lambda world: site.lab.lab.listeners[world.host(name)].mode == "open")


def test_a_host_joins_takes_the_shared_storage_and_is_enabled(site: Site) -> None:
    standalone(site)
    site.run(site.session("basalt-3"), "pool.join", site.lab.address("basalt-1"), "root", site.lab.password)
    site.lab.step(120)
    host = site.host("basalt-3")
    assert host.pool is site.pool("basalt")
    assert {pbd.sr.name for pbd in host.pbds} == {"nfs-hb", "iscsi-1", "isos", "Local storage"}
    assert (host.live, host.enabled) == (True, True)
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("basalt-3")
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.2.1"]


@pytest.mark.parametrize(
    ("master", "password", "refused_with"),
    [
        ("amber-1", "baton-lab", "HA_IS_ENABLED"),
        ("basalt-2", "baton-lab", "HOST_IS_SLAVE"),
        ("basalt-1", "wrong", "SESSION_AUTHENTICATION_FAILED"),
    ],
)
def test_joining_is_refused(site: Site, master: str, password: str, refused_with: str) -> None:
    standalone(site)
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(site.session("basalt-3"), "pool.join", site.lab.address(master), "root", password)
    assert code(refused) == refused_with


def test_a_master_with_members_joins_nobody(site: Site) -> None:
    site.run(site.session(), "pool.disable_ha")
    with pytest.raises(XenAPI.Failure) as refused:
        site.run(
            site.session("basalt-1"), "pool.join", site.lab.address("amber-1"), "root", site.lab.password
        )
    assert code(refused) == "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"
