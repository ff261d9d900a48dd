"""What any call may meet before it is looked at: sessions, names, numbers and kinds of arguments, events, tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.world.refusal import Refusal
from lab.xapi import dispatch
from tests.lab.inside import Inside
from tests.lab.refusals.rows import refuses

DAY = 86_400.0


def caught(action: Callable[[], Any]) -> list[str]:
    """How it was refused before it ran."""
    try:
        action()
    except Refusal as refusal:
        return refusal.description
    raise AssertionError("it was not refused")


def raw(lab: Inside, host: str, method: str, *args: Any) -> list[str]:
    """The refusal of a call without a session of its own."""
    return caught(lambda: lab.end(dispatch.begin(lab.world, lab.host(host), method, list(args))))


@refuses("any", "MESSAGE_METHOD_UNKNOWN[method]", "the pool's release has no such call", "server.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "pool.make_coffee")


@refuses(
    "any",
    "MESSAGE_METHOD_UNKNOWN[method]",
    "`Async.` before a call that has no such form: getters, sessions, events, tasks, emergency calls",
    "datamodel.ml:10850",
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "Async.session.logout")


@refuses(
    "any",
    "MESSAGE_PARAMETER_COUNT_MISMATCH[method, expected, received]",
    "arguments too many or too few for the pool's release, the session not counted",
    "server.ml",
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "pool.enable_ha")


@refuses(
    "any",
    "MESSAGE_PARAMETER_COUNT_MISMATCH[method, expected, received]",
    "not even a session",
    "server.ml",
)
def _(lab: Inside) -> list[str]:
    return raw(lab, "amber-1", "pool.get_all")


@refuses(
    "any",
    "SESSION_INVALID[session]",
    "this master never gave it, or lost it when it restarted",
    "session_check.ml",
)
def _(lab: Inside) -> list[str]:
    return raw(lab, "amber-1", "pool.get_all", "OpaqueRef:nobody")


@refuses(
    "any",
    "SESSION_INVALID[session]",
    "a member is asked with a session its master does not know",
    "session_check.ml",
)
def _(lab: Inside) -> list[str]:
    return raw(lab, "amber-2", "pool.get_all", "OpaqueRef:nobody")


@refuses("any", "SESSION_INVALID[session]", "the session was idle for 24 hours", "xapi_globs.ml")
def _(lab: Inside) -> list[str]:
    master = lab.host("amber-1")
    login = dispatch.begin(lab.world, master, "session.login_with_password", ["root", "baton-lab"])
    lab.pool("amber").sessions[login.result].last_active -= DAY + 1
    return raw(lab, "amber-1", "pool.get_all", login.result)


@refuses(
    "any",
    "HOST_IS_SLAVE[address of the master]",
    "a member is asked with a session of its master",
    "session_check.ml",
)
def _(lab: Inside) -> list[str]:
    master = lab.host("amber-1")
    login = dispatch.begin(lab.world, master, "session.login_with_password", ["root", "baton-lab"])
    return raw(lab, "amber-2", "pool.get_all", login.result)


@refuses(
    "any",
    "HOST_STILL_BOOTING",
    "the host is in emergency mode, and the call is none of those that work there; the stored reason is given, "
    "of which there are many",
    "api_server.ml",
)
def _(lab: Inside) -> list[str]:
    lab.host("amber-2").emergency = ["HOST_STILL_BOOTING"]
    return raw(lab, "amber-2", "pool.get_all", "OpaqueRef:any")


@refuses("any", "HANDLE_INVALID[class, reference]", "a reference leads to nothing", "db_cache_impl.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "host.get_record", "OpaqueRef:nobody")


@refuses(
    "any",
    "FIELD_TYPE_ERROR[value]",
    "an argument that should be a text, a flag, a set or a map of texts is not",
    "server.ml",
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "pool.set_tags", lab.pool("amber").ref, "not a set")


@refuses("any", "FIELD_TYPE_ERROR[value]", "a word that the enumeration does not have", "server.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "VM.set_actions_after_crash", lab.pool("amber").vms[-1].ref, "panic")


@refuses("any", "FIELD_TYPE_ERROR[kind]", "a set of references is no set", "server.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "pool.enable_ha", "no set", {})


@refuses("any", "FIELD_TYPE_ERROR[value]", "an integer has other characters than digits", "server.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "VM.set_order", lab.pool("amber").vms[-1].ref, "first")


@refuses("any", "FIELD_TYPE_ERROR[value]", "a float is no number, or infinite", "server.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "event.from", ["*"], "", "soon")


@refuses("any", "FIELD_TYPE_ERROR[value]", "a date is none", "server.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "message.get_since", "yesterday")


@refuses("any get_by_uuid", "UUID_INVALID[class, uuid]", "no object of the class has it", "db_cache_impl.ml")
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "host.get_by_uuid", "0000")


@refuses(
    "any add_to_",
    "MAP_DUPLICATE_KEY[class, field, reference, key]",
    "the map has the key already",
    "db_cache_impl.ml",
)
def _(lab: Inside) -> list[str]:
    pool = lab.pool("amber")
    pool.other_config["colour"] = "blue"
    return lab.refusal("amber-1", "pool.add_to_other_config", pool.ref, "colour", "red")


@refuses(
    "any get_all_records_where",
    "INTERNAL_ERROR[text]",
    "the condition cannot be read; the lab knows equalities joined by `and`",
    "db_filter_parse.mly",
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "VM.get_all_records_where", "name is x")


@refuses(
    "session.login_with_password",
    "HOST_IS_SLAVE[address of the master]",
    "the host is a member",
    "xapi_session.ml",
)
def _(lab: Inside) -> list[str]:
    return raw(lab, "amber-2", "session.login_with_password", "root", "baton-lab")


@refuses(
    "session.login_with_password",
    "SESSION_AUTHENTICATION_FAILED[user, text]",
    "wrong user or password; after 5 seconds",
    "xapi_session.ml",
)
def _(lab: Inside) -> list[str]:
    return raw(lab, "amber-1", "session.login_with_password", "root", "wrong", "1.0", "tests")


@refuses(
    "session.slave_local_login_with_password",
    "SESSION_AUTHENTICATION_FAILED[user, text]",
    "wrong user or password; after 5 seconds",
    "xapi_session.ml",
)
def _(lab: Inside) -> list[str]:
    return raw(lab, "amber-2", "session.slave_local_login_with_password", "admin", "baton-lab")


@refuses(
    "event.from",
    "EVENT_FROM_TOKEN_PARSE_FAILURE[token]",
    "the token is none that event.from gave",
    "xapi_event.ml",
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "event.from", ["pool"], "yesterday", 0.0)


@refuses("event.from", "SESSION_INVALID[session]", "the session ended while the call waited", "xapi_event.ml")
def _(lab: Inside) -> list[str]:
    token = lab.call("amber-1", "event.from", ["pool"], "", 0.0)["token"]
    listening = lab.call("amber-1", "event.from", ["pool"], token, 60.0)
    lab.pool("amber").sessions.clear()
    return caught(listening.answer)


@refuses(
    "event.next", "SESSION_NOT_REGISTERED[session]", "the session registered for nothing", "xapi_event.ml"
)
def _(lab: Inside) -> list[str]:
    return lab.refusal("amber-1", "event.next")


@refuses(
    "event.next",
    "EVENTS_LOST",
    "more was deleted since the last call than is remembered, or the toolstack restarted",
    "xapi_event.ml",
)
def _(lab: Inside) -> list[str]:
    master = lab.host("amber-1")
    session = dispatch.begin(lab.world, master, "session.login_with_password", ["root", "baton-lab"]).result
    dispatch.begin(lab.world, master, "event.register", [session, ["pool"]])
    master.agent_start_time = lab.world.now()
    lab.call("amber-1", "event.from", ["pool"], "", 0.0)
    return raw(lab, "amber-1", "event.next", session)


@refuses(
    "task.cancel",
    "OPERATION_NOT_ALLOWED[text]",
    "the task is of a kind that cannot be stopped",
    "xapi_task.ml",
)
def _(lab: Inside) -> list[str]:
    task = lab.call("amber-1", "Async.pool.disable_ha")
    return lab.refusal("amber-1", "task.cancel", task)


@refuses("any of a pool's operations", "HA_ENABLE_IN_PROGRESS", "HA is being enabled", "xapi_pool_helpers.ml")
def _(lab: Inside) -> list[str]:
    lab.pool("basalt").current_operations["OpaqueRef:task"] = "ha_enable"
    return lab.refusal("basalt-1", "pool.designate_new_master", lab.host("basalt-2").ref)


@refuses(
    "any of a pool's operations", "HA_DISABLE_IN_PROGRESS", "HA is being disabled", "xapi_pool_helpers.ml"
)
def _(lab: Inside) -> list[str]:
    lab.pool("basalt").current_operations["OpaqueRef:task"] = "ha_disable"
    return lab.refusal("basalt-1", "pool.enable_ha", [], {})


@refuses(
    "any of a pool's operations",
    "OTHER_OPERATION_IN_PROGRESS[class, reference, operation, task]",
    "an operation without an error of its own is under way, such as eject",
    "xapi_pool_helpers.ml",
)
def _(lab: Inside) -> list[str]:
    lab.pool("basalt").current_operations["OpaqueRef:task"] = "eject"
    return lab.refusal("basalt-1", "pool.enable_ha", [], {})


@refuses(
    "any forwarded to a host",
    "HOST_OFFLINE[host]",
    "the pool counts the host as dead",
    "message_forwarding.ml:130",
)
def _(lab: Inside) -> list[str]:
    lab.host("basalt-2").live = False
    return lab.refusal("basalt-1", "host.restart_agent", lab.host("basalt-2").ref)


@refuses(
    "any forwarded to a host",
    "CANNOT_CONTACT_HOST[host]",
    "the pool counts the host as alive, but it does not answer within 30 seconds",
    "message_forwarding.ml",
)
def _(lab: Inside) -> list[str]:
    lab.host("basalt-2").network_cut = True
    return lab.refusal("basalt-1", "host.restart_agent", lab.host("basalt-2").ref)
