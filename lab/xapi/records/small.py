"""The records of message and session."""

from __future__ import annotations

from lab.world.things import Message, Session
from lab.xapi.records.kind import Kind, View
from lab.xapi.values import Record, Stamp


def message_record(view: View, message: Message) -> Record:
    return {
        "uuid": message.uuid,
        "name": message.name,
        "priority": message.priority,
        "cls": message.cls,
        "obj_uuid": message.obj_uuid,
        "timestamp": Stamp(message.timestamp),
        "body": message.body,
    }


def session_record(view: View, session: Session) -> Record:
    """root is a local superuser: there are no roles here (xapi_session.ml)."""
    return {
        "uuid": session.uuid,
        "this_host": session.host.ref,
        "last_active": Stamp(session.last_active),
        "is_local_superuser": True,
        "validation_time": Stamp(session.created),
        "auth_user_name": session.user,
        "originator": session.originator,
    }


MESSAGE = Kind("message", lambda pool: pool.messages, message_record)
SESSION = Kind("session", lambda pool: pool.sessions.values(), session_record)
