"""Fields of a person that are not for everybody who sees the person."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from strawberry.extensions import FieldExtension

from engine.context import Context, Info

Known = Callable[[Context, UUID], bool]


class Private(FieldExtension):
    """Null for whoever isn't `known` to the person."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs) if self._known(info.context, source.id) else None

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        return await next_(source, info, **kwargs) if self._known(info.context, source.id) else None


def account(field: Any) -> Any:
    """Have a field told to the person and to admins."""
    return _guarded(field, Context.may_read_account)


def own(field: Any) -> Any:
    """Have a field told to the person alone."""
    return _guarded(field, lambda context, person_id: context.viewer.user_id == person_id)


def _guarded(field: Any, known: Known) -> Any:
    field.extensions = [Private(known)]
    return field
