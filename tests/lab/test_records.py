"""Reading and writing the database."""

from __future__ import annotations

import pytest
import XenAPI

from lab.xapi.records import KINDS
from tests.lab.conftest import Site


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"session", "Bond"}))
def test_every_class_lists_its_records_under_their_references(site: Site, kind: str) -> None:
    session = site.session("cobalt-1")
    handle = getattr(session.xenapi, kind)
    records = handle.get_all_records()
    assert sorted(records) == sorted(handle.get_all())
    for ref, record in list(records.items())[:2]:
        assert handle.get_record(ref) == record
        assert handle.get_by_uuid(record["uuid"]) == ref


def test_a_record_is_found_by_its_name(site: Site) -> None:
    session = site.session()
    assert session.xenapi.host.get_by_name_label("amber-2") == [site.host("amber-2").ref]


def test_an_unknown_uuid_is_invalid(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.host.get_by_uuid("0000")
    assert refused.value.details == ["UUID_INVALID", "host", "0000"]


def test_records_are_selected_by_a_condition(site: Site) -> None:
    session = site.session()
    found = session.xenapi.VM.get_all_records_where(
        'field "is_control_domain" = "true" and field "name__label" = "x"'
    )
    assert found == {}
    found = session.xenapi.VM.get_all_records_where('field "is_control_domain" = "true"')
    assert len(found) == 4


def test_a_condition_that_cannot_be_read_is_an_error(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session().xenapi.VM.get_all_records_where("name is x")
    assert refused.value.details[0] == "INTERNAL_ERROR"


def test_a_key_is_added_to_a_map_once_and_removed_any_number_of_times(site: Site) -> None:
    xenapi = site.session().xenapi
    pool = xenapi.pool.get_all()[0]
    xenapi.pool.remove_from_other_config(pool, "colour")
    xenapi.pool.add_to_other_config(pool, "colour", "blue")
    with pytest.raises(XenAPI.Failure) as refused:
        xenapi.pool.add_to_other_config(pool, "colour", "red")
    assert refused.value.details == ["MAP_DUPLICATE_KEY", "pool", "other_config", pool, "colour"]
    assert xenapi.pool.get_other_config(pool)["colour"] == "blue"
    xenapi.pool.remove_from_other_config(pool, "colour")
    assert "colour" not in xenapi.pool.get_other_config(pool)


def test_a_field_that_is_read_only_has_no_setter(site: Site) -> None:
    xenapi = site.session().xenapi
    with pytest.raises(XenAPI.Failure) as refused:
        xenapi.pool.set_ha_enabled(xenapi.pool.get_all()[0], False)
    assert refused.value.details[0] == "MESSAGE_METHOD_UNKNOWN"


def test_a_hosts_other_config_tells_when_it_booted(site: Site) -> None:
    other_config = site.session().xenapi.host.get_other_config(site.host("amber-1").ref)
    assert float(other_config["boot_time"]) < float(other_config["agent_start_time"])


def test_messages_since_a_time_are_those_and_no_older(site: Site) -> None:
    xenapi = site.session("cobalt-1").xenapi
    assert len(xenapi.message.get_since("20260101T00:00:00Z")) == 3
    assert xenapi.message.get_since("20260101T00:00:01Z") == {}


def test_a_message_is_destroyed(site: Site) -> None:
    xenapi = site.session("cobalt-1").xenapi
    first, *rest = xenapi.message.get_all()
    xenapi.message.destroy(first)
    assert xenapi.message.get_all() == rest


def test_only_changing_calls_are_marked_as_changing(site: Site) -> None:
    xenapi = site.session().xenapi
    xenapi.host.get_all_records()
    xenapi.SR.assert_can_host_ha_statefile(site.sr("amber", "nfs-hb"))
    xenapi.host.disable(site.host("amber-2").ref)
    assert [call["name"] for call in site.lab.calls(changing=True)] == ["host.disable"]
