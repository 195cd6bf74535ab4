"""The names of pub/sub topics: `kind:id`. Only this module builds and parses them."""

from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, literal


def build_topic(kind: str, id: object) -> str:
    return f"{kind}:{id}"


def topic_in_sql(kind: str, id: ColumnElement[UUID]) -> ColumnElement[str]:
    return literal(build_topic(kind, "")) + cast(id, Text)


def topic_id(topic: str) -> UUID:
    return UUID(topic.partition(":")[2])
