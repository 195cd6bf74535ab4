"""Search of messages by words, in the viewer's own conversations.

Its work is bounded: it finds 1,000 messages, and among the newest ones all that match.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Text, true
from sqlalchemy.orm import aliased
from sqlmodel import and_, cast, col, false, func, literal, not_, or_, select, union_all

from core.errors import BadInput
from core.keyset import Listing, newest_first
from core.text.search_text import SearchPhrase, search_words
from models.chat.conversations import Conversation
from models.chat.messages import Message
from models.members import Permission
from models.vendors import VendorMember
from services.chat.access import own_conversations
from services.search import MAX_FOUND, contains, has
from services.vendors.access import grants, memberships_of
from services.viewer import Viewer

MAX_SEARCH_LENGTH = 100
NEWEST_CONVERSATIONS, NEWEST_MESSAGES = 50, 20
# The sides of a conversation in stored text, as `models/chat/messages.py` writes them.
USER, VENDOR = "user:", "vendor:"
_PART = re.compile(r'(-*)(?:"([^"]*)"?|([^\s"]+))')


@dataclass(frozen=True)
class _Part:
    """A word or phrase of a search."""

    phrase: SearchPhrase
    excluded: bool


def search_messages(viewer: Viewer, search: str) -> Listing[Message]:
    """Search the viewer's conversations for messages with all of the words, newest first.

    The syntax is that of PostgreSQL's `websearch_to_tsquery`: "a phrase", or, -excluded.
    """
    if not 1 <= len(search.strip()) <= MAX_SEARCH_LENGTH:
        raise BadInput(
            "A search must have between {least} and {most} characters.",
            least=1,
            most=MAX_SEARCH_LENGTH,
        )
    if "\0" in search:
        raise BadInput("The text contains a character that cannot be stored. Remove it.")
    alternatives = list(_alternatives(search))
    newest = aliased(Message, _newest(viewer))
    in_newest = select(newest.id).where(_matches(viewer, newest, alternatives))
    return Listing(
        select(Message).where(
            col(Message.id).in_(union_all(in_newest, _found(viewer, alternatives)))
        ),
        newest_first(Message, search=search),
        countable=MAX_FOUND,
    )


def _found(viewer: Viewer, alternatives: list[list[_Part]]) -> Select[Any]:
    """Select the ids of 1,001 matches.

    Access is checked after the limit. Otherwise PostgreSQL may read all messages of a vendor: among
    100,000, a search took 2 to 22 seconds.
    """
    matches = _matches(viewer, Message, alternatives)
    some = select(Message.id, Message.conversation_id).where(matches).limit(MAX_FOUND + 1)
    found = some.subquery()
    return (
        select(found.c.id)
        .join(Conversation, col(Conversation.id) == found.c.conversation_id)
        .where(own_conversations(viewer))
    )


def _newest(viewer: Viewer) -> Any:
    """Select the newest messages of the viewer's newest conversations.

    There may be more matches than are found, and the first page has the newest.
    """
    conversations = (
        select(Conversation.id)
        .where(own_conversations(viewer))
        .order_by(col(Conversation.last_message_at).desc())
        .limit(NEWEST_CONVERSATIONS)
        .subquery()
    )
    messages = (
        select(Message)
        .where(Message.conversation_id == conversations.c.id)
        .order_by(col(Message.sequence).desc())
        .limit(NEWEST_MESSAGES)
        .lateral()
    )
    return select(*messages.c).select_from(conversations.join(messages, true())).subquery()


def _matches(
    viewer: Viewer, message: type[Message], alternatives: list[list[_Part]]
) -> ColumnElement[bool]:
    """Match one of the alternatives. The sides make the index skip messages of others."""
    text, sides = col(message.search_text), _sides(viewer)
    return or_(
        false(),
        *(
            and_(
                has(text, sides + literal("".join(_terms(parts)), Text)),
                *(_condition(text, part) for part in parts if part.phrase.pattern),
            )
            for parts in alternatives
        ),
    )


def _condition(text: SQLColumnExpression[str], part: _Part) -> ColumnElement[bool]:
    found = contains(text, part.phrase)
    return not_(found) if part.excluded else found


def _terms(parts: list[_Part]) -> Iterator[str]:
    """Yield the terms that a message must have, or must not have."""
    for phrase, excluded in ((part.phrase, part.excluded) for part in parts):
        if not excluded:
            yield f" & {_without_sides(phrase)}"
        elif phrase.pattern is None:
            yield f" & !{phrase.tsquery}"


def _without_sides(phrase: SearchPhrase) -> str:
    """Return the `tsquery` of a phrase so that its last word does not match the sides.

    Each message of the viewer has a term that starts with `user`.
    """
    *others, last = phrase.terms
    if not phrase.is_start or not _starts_side(last):
        return phrase.tsquery
    return " & ".join([*(f"'{term}'" for term in others), f"({' | '.join(_continued(last))})"])


def _continued(start: str) -> Iterator[str]:
    """Yield terms that match the words with this start, by their next letters."""
    yield f"'{start}'"
    for letter in ascii_lowercase:
        longer = start + letter
        if _starts_side(longer):
            yield from _continued(longer)
        else:
            yield f"'{longer}':*"


def _starts_side(start: str) -> bool:
    return USER.startswith(start) or VENDOR.startswith(start)


def _sides(viewer: Viewer) -> ColumnElement[str]:
    """Return a `tsquery` that matches messages of conversations of the viewer and their vendors."""
    vendor = (
        literal(f" | '{VENDOR}", Text) + cast(VendorMember.vendor_id, Text) + literal("'", Text)
    )
    own = select(func.string_agg(vendor, "")).where(
        memberships_of(viewer.staff), grants(Permission.CHAT)
    )
    user = literal(f"('{USER}{viewer.require_user()}'", Text)
    return user + func.coalesce(own.scalar_subquery(), "") + literal(")", Text)


def _alternatives(search: str) -> Iterator[list[_Part]]:
    """Yield the parts between each `or`."""
    parts: list[_Part] = []
    for minus, quoted, bare in _PART.findall(search):
        if bare.lower() == "or" and not minus:
            yield from [parts] if parts else []
            parts = []
        elif words := search_words(quoted or bare):
            parts.append(_Part(SearchPhrase(words, whole=bool(quoted or minus)), bool(minus)))
    yield from [parts] if parts else []
