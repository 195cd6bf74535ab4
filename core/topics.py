"""The names of pub/sub topics: `kind:id`. Only this module builds and parses them."""

from uuid import UUID


def build_topic(kind: str, id: object) -> str:
    return f"{kind}:{id}"


def topic_id(topic: str) -> UUID:
    return UUID(topic.partition(":")[2])
