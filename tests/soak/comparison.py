"""Compares each client's log with the database: in order, each message once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from strawberry.relay import to_base64

from core.database import Database
from models.chat.messages import Message
from tests.soak.client_process import ClientLog
from tests.soak.people import Person

Line = tuple[int, str, str]  # sequence, id, text


@dataclass(frozen=True)
class StoredMessages:
    """The messages in the database."""

    by_conversation: dict[str, list[Line]]  # in order
    by_sender: dict[UUID, list[tuple[str, str, int]]]  # clientMessageId, id, sequence

    @property
    def messages(self) -> int:
        return sum(map(len, self.by_conversation.values()))

    def lengths(self, person: Person) -> list[int]:
        """Return the expected lengths of a person's logs."""
        return [
            sum(len(self.by_conversation.get(one, [])) for one in stream)
            for stream in person.streams
        ]


async def read(database: Database) -> StoredMessages:
    by_conversation: dict[str, list[Line]] = defaultdict(list)
    by_sender: dict[UUID, list[tuple[str, str, int]]] = defaultdict(list)
    async with database.session() as session:
        rows = select(Message).order_by(col(Message.conversation_id), col(Message.sequence))
        for message in await session.exec(rows):
            id, place = to_base64("Message", message.id), message.sequence
            conversation = to_base64("Conversation", message.conversation_id)
            by_conversation[conversation].append((place, id, message.text))
            if message.sender_id:
                by_sender[message.sender_id].append((message.client_message_id or "", id, place))
    return StoredMessages(by_conversation, by_sender)


def differences(stored: StoredMessages, clients: Sequence[ClientLog]) -> list[str]:
    """Return each difference as a sentence."""
    found = [
        f"Conversation {name} has {[sequence for sequence, *_ in lines]}."
        for name, lines in stored.by_conversation.items()
        if [sequence for sequence, *_ in lines] != list(range(1, len(lines) + 1))
    ]
    for client in clients:
        found += _of_answers(stored, client)
        for which, stream, log in zip(
            ("conversation", "inbox"), client.person.streams, client.logs, strict=True
        ):
            found += _of_log(stored, f"The {which} of {client.person.name}", stream, log)
    return found


def _of_answers(stored: StoredMessages, client: ClientLog) -> Iterator[str]:
    """Compare the responses with the sender's rows, in the order of sending."""
    rows = stored.by_sender.get(client.person.user_id, [])
    if rows != client.answered:
        yield f"{client.person.name} was answered {client.answered}, but the database has {rows}."


def _of_log(
    stored: StoredMessages, whose: str, stream: frozenset[str], log: list[tuple[str, int, str, str]]
) -> Iterator[str]:
    seen: dict[str, list[Line]] = defaultdict(list)
    for conversation, sequence, id, text in log:
        seen[conversation].append((sequence, id, text))
    for foreign in seen.keys() - stream:
        yield f"{whose} has messages of conversation {foreign}."
    for conversation in stream:
        expected = stored.by_conversation.get(conversation, [])
        if seen[conversation] != expected:
            yield f"{whose}: {_first(seen[conversation], expected)}."


def _first(seen: list[Line], expected: list[Line]) -> str:
    """Describe the first difference."""
    before = 0
    for place, line in enumerate(seen):
        if line in seen[:place]:
            return f"{line[0]} came twice"
        if line not in expected:
            return f"{line} is not in the database"
        if line[0] != before + 1:
            return f"{line[0]} came after {before}"
        before = line[0]
    return f"{before} came last, of {len(expected)}"
