"""Accept a subscription: authorize the viewer and note the source."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Self, TypeVar

from core.observability import metrics
from engine.context import Context, Info
from engine.live.sources import (
    AcceptedSubscription,
    JournalSource,
    StateSource,
    SubscriptionSource,
)

Change = TypeVar("Change")


class EmptyStream(AsyncIterator[Any]):
    """The source stream that GraphQL iterates. It is empty: the transport takes over from here."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        raise StopAsyncIteration


async def subscribe_to_journal(
    info: Info, source: JournalSource[Change], after: str | None
) -> AsyncGenerator[Change, None]:
    """Subscribe the viewer after a cursor, or from now on.

    `Last-Event-ID`, which browsers send when they reconnect, takes precedence over the argument.
    The viewer is authorized here, and again for each change.
    """
    context = info.context
    started_from = context.last_event_id or after
    await _authorize(context, source)
    position = await context.app.feed.position(source.topics, started_from)
    if started_from:
        metrics.RESUMES.inc()
    context.accepted = AcceptedSubscription(source, position)
    return EmptyStream()  # type: ignore[return-value] # ends before its first item


async def subscribe_to_state(
    info: Info, source: StateSource[Change]
) -> AsyncGenerator[Change, None]:
    """Subscribe the viewer to ephemeral state. There is nothing to resume."""
    await _authorize(info.context, source)
    info.context.accepted = AcceptedSubscription(source, {})
    return EmptyStream()  # type: ignore[return-value] # ends before its first item


async def _authorize(context: Context, source: SubscriptionSource) -> None:
    viewer, reads = context.viewer, context.app.database.shared
    if await source.unauthorized(reads, [viewer.require_user()]):
        raise source.revocation_error
    if viewer.acting is not None and await source.is_outside_role(reads, viewer):
        raise source.revocation_error
    await context.ensure_session_open()
