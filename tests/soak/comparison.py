"""Compares each client's log with the database: in order, each message once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from strawberry.relay import to_base64

from core.database import Database
from models.chat.messages import Message
from tests.soak.client_process import Heard
from tests.soak.people import Person

Line = tuple[int, str, str]  # sequence, id, text


@dataclass(frozen=True)
class Book:
    """The messages in the database."""

    said: dict[str, list[Line]]  # by conversation, in order
    sent: dict[UUID, list[tuple[str, str, int]]]  # by sender: clientMessageId, id, sequence

    @property
    def messages(self) -> int:
        return sum(map(len, self.said.values()))

    def lengths(self, person: Person) -> list[int]:
        """How long each of a person's logs will be."""
        return [sum(len(self.said.get(one, [])) for one in stream) for stream in person.streams]


async def read(database: Database) -> Book:
    said: dict[str, list[Line]] = defaultdict(list)
    sent: dict[UUID, list[tuple[str, str, int]]] = defaultdict(list)
    async with database.session() as session:
        rows = select(Message).order_by(col(Message.conversation_id), col(Message.sequence))
        for message in await session.exec(rows):
            id, place = to_base64("Message", message.id), message.sequence
            conversation = to_base64("Conversation", message.conversation_id)
            said[conversation].append((place, id, message.text))
            if message.sender_id:
                sent[message.sender_id].append((message.client_message_id or "", id, place))
    return Book(said, sent)


def differences(book: Book, crowd: Sequence[Heard]) -> list[str]:
    """Each in a sentence; none if all is well."""
    found = [
        f"Conversation {name} has {[sequence for sequence, *_ in lines]}."
        for name, lines in book.said.items()
        if [sequence for sequence, *_ in lines] != list(range(1, len(lines) + 1))
    ]
    for heard in crowd:
        found += _of_answers(book, heard)
        for which, stream, log in zip(
            ("conversation", "inbox"), heard.person.streams, heard.logs, strict=True
        ):
            found += _of_log(book, f"The {which} of {heard.person.name}", stream, log)
    return found


def _of_answers(book: Book, heard: Heard) -> Iterator[str]:
    """Every answer is a row, and every row was answered, in the order of sending."""
    rows = book.sent.get(heard.person.user_id, [])
    if rows != heard.answered:
        yield f"{heard.person.name} was answered {heard.answered}, but the database has {rows}."


def _of_log(
    book: Book, whose: str, stream: frozenset[str], log: list[tuple[str, int, str, str]]
) -> Iterator[str]:
    seen: dict[str, list[Line]] = defaultdict(list)
    for conversation, sequence, id, text in log:
        seen[conversation].append((sequence, id, text))
    for foreign in seen.keys() - stream:
        yield f"{whose} has messages of conversation {foreign}."
    for conversation in stream:
        said = book.said.get(conversation, [])
        if seen[conversation] != said:
            yield f"{whose}: {_first(seen[conversation], said)}."


def _first(seen: list[Line], said: list[Line]) -> str:
    """Describe the first difference."""
    before = 0
    for place, line in enumerate(seen):
        if line in seen[:place]:
            return f"{line[0]} came twice"
        if line not in said:
            return f"{line} is not in the database"
        if line[0] != before + 1:
            return f"{line[0]} came after {before}"
        before = line[0]
    return f"{before} came last, of {len(said)}"
