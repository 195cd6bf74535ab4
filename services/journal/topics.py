"""The journal's topics: one per row that clients follow, never one per member."""

from uuid import UUID

from sqlalchemy import ColumnElement

from core.topics import build_topic, topic_in_sql

# Each append updates its topic's row: a topic that everything wrote to would serialize commits.
# Applications are few, so those of all vendors share one.
APPLICATIONS_TOPIC = build_topic("applications", "all")


def user_topic(user_id: UUID) -> str:
    return build_topic("user", user_id)


def user_topic_of(user_id: ColumnElement[UUID]) -> ColumnElement[str]:
    """Return the topic of a user whose id is a column."""
    return topic_in_sql("user", user_id)


def vendor_topic(vendor_id: UUID) -> str:
    return build_topic("vendor", vendor_id)


def vendor_topic_of(vendor_id: ColumnElement[UUID]) -> ColumnElement[str]:
    """Return the topic of a vendor whose id is a column."""
    return topic_in_sql("vendor", vendor_id)


def conversation_topic(conversation_id: UUID) -> str:
    return build_topic("conversation", conversation_id)


def event_topic(event_id: UUID) -> str:
    return build_topic("event", event_id)


def check_in_topic(list_id: UUID) -> str:
    return build_topic("check_in", list_id)


def agenda_topic(vendor_id: UUID) -> str:
    """Return the topic of a vendor's bookings, classes, blocks and schedules."""
    return build_topic("agenda", vendor_id)
