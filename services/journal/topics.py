"""The journal's topics: one per row that clients follow, never one per member."""

from uuid import UUID

from core.topics import build_topic

# Each append updates its topic's row: a topic that everything wrote to would serialize commits.
# Applications are few, so those of all vendors share one.
APPLICATIONS_TOPIC = build_topic("applications", "all")


def user_topic(user_id: UUID) -> str:
    return build_topic("user", user_id)


def vendor_topic(vendor_id: UUID) -> str:
    return build_topic("vendor", vendor_id)


def conversation_topic(conversation_id: UUID) -> str:
    return build_topic("conversation", conversation_id)


def event_topic(event_id: UUID) -> str:
    return build_topic("event", event_id)


def check_in_topic(list_id: UUID) -> str:
    return build_topic("check_in", list_id)
