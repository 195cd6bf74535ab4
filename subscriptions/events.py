"""Changes as server-sent events."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from strawberry.http import GraphQLHTTPResponse
from strawberry.http.streaming import SSETransport

from core.errors import NotSignedIn, Told
from schema.context import Context
from schema.faults import Fault
from schema.limits import refused
from subscriptions.changes import Following
from subscriptions.follower import Stream
from subscriptions.groups import Groups
from subscriptions.operation import Operation
from subscriptions.sessions import Sessions
from subscriptions.telling import Message, Teller


class Resumable(SSETransport):
    """Names each event by its cursor, so that a browser resumes by itself."""

    headers = dict(SSETransport.headers) | {"Cache-Control": "no-store, no-transform"}

    def encode_next(self, response: GraphQLHTTPResponse | Message, encode_json: Any) -> str:
        if not isinstance(response, Message):
            return super().encode_next(response, encode_json)
        id = f"id: {response.cursor}\r\n" if response.cursor else ""
        return f"{id}event: next\r\ndata: {response.payload.decode()}\r\n\r\n"


class EventStream(Stream):
    """A follower that ends with its token or its session."""

    __slots__ = ("_operation", "_teller")

    def __init__(self, context: Context, operation: Operation, teller: Teller) -> None:
        super().__init__(context.viewer)
        self._operation = operation
        self._teller = teller

    def session_ended(self) -> None:
        self.over(NotSignedIn("This session has ended. Log in again."))

    def token_ended(self) -> None:
        self.over(NotSignedIn("The access token has ended. Refresh it and resume."))

    def unwatched(self) -> None:
        """It just ends; the client comes back."""
        self.over(None)

    def over(self, error: Exception | None) -> None:
        self.leave()
        self.end(self._teller.last_words(self._operation, error) if error else None)


class Events:
    """Streams of this process."""

    def __init__(self, groups: Groups, sessions: Sessions, teller: Teller) -> None:
        self._groups = groups
        self._sessions = sessions
        self._teller = teller

    async def follow(
        self, context: Context, following: Following, operation: Operation
    ) -> AsyncGenerator[Message, None]:
        """All that is told until the caller goes, or has to."""
        stream = EventStream(context, operation, self._teller)
        try:
            async with self._counted(context, stream):
                await self._groups.join(stream, following, operation)
                async for message in stream:
                    yield message
        finally:
            stream.leave()

    @asynccontextmanager
    async def _counted(self, context: Context, stream: EventStream) -> AsyncIterator[None]:
        user_id = context.viewer.signed_in
        if not self._sessions.has_room(user_id):
            raise refused(Fault.RATE_LIMITED, Told("Too many connections of this user."))
        self._sessions.begin(user_id)
        self._sessions.add(stream)
        left = (context.expires or 0.0) - time.time()
        ending = asyncio.get_running_loop().call_later(left, stream.token_ended)
        try:
            yield
        finally:
            ending.cancel()
            self._sessions.remove(stream)
            self._sessions.finish(user_id)
