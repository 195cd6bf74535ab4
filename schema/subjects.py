"""A field of what a conversation can be about."""

from typing import Any

import strawberry

from dataloaders.chat import conversations_of_subject
from engine.types import loaded
from schema.lazy import LazyConversation


@strawberry.type
class SubjectFields:
    """A base of types of which one user and one vendor talk, not a type of the schema."""

    @loaded(
        conversations_of_subject,
        by="id",
        domain="chat",
        description="The conversation about it. Null before one is started, and for those who do"
        " not take part in it.",
    )
    def started_conversation(root: strawberry.Parent[Any], found: Any) -> LazyConversation | None:
        return found[0] if found else None
