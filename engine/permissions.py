"""Permissions of single fields. A type's rows are authorized by its access query."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from strawberry.extensions import FieldExtension

from core.errors import NotAllowed
from engine.context import Context, Info
from engine.loaders import Loader
from services.viewer import Viewer

Allowed = Callable[[Context, Any], bool]


class VisibleTo(FieldExtension):
    """Returns null unless the viewer is `allowed` to read the row's field. Asks no database.

    `needs` is the attribute of the row that it reads.
    """

    def __init__(self, allowed: Allowed, needs: str) -> None:
        self._allowed, self.needs = allowed, (needs,)

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs) if self._allowed(info.context, source) else None

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        return await next_(source, info, **kwargs) if self._allowed(info.context, source) else None


class VisibleToMembers(FieldExtension):
    """Raises `NotAllowed` unless the viewer's row of `membership` for the vendor is `allowed`."""

    needs = ("id",)

    def __init__(
        self, membership: Loader[UUID, Any], allowed: Callable[[Any], bool], *, admins: bool
    ) -> None:
        self._membership, self._allowed, self._admins = membership, allowed, admins

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        viewer = info.context.viewer
        viewer.require_user()
        member = await info.context.loaders[self._membership].load(source.id)
        if not (self._admins and viewer.admin):
            if member is None:
                raise NotAllowed("Only members of this vendor can see this.")
            if not self._allowed(member):
                raise NotAllowed("Your role at this vendor does not allow you to see this.")
        return await next_(source, info, **kwargs)


def visible_to_self(field: Any) -> Any:
    return _guarded(field, VisibleTo(lambda context, user: context.viewer.user_id == user.id, "id"))


def visible_to_signed_in(field: Any) -> Any:
    """Make a field of User null for all but the viewer, or the user who signs in right now."""
    own: Allowed = lambda context, user: (  # noqa: E731 - for its type
        user.id in {context.viewer.user_id, context.signed_in_user_id}
    )
    return _guarded(field, VisibleTo(own, "id"))


def visible_to_self_and_admins(field: Any) -> Any:
    return _guarded(field, VisibleTo(lambda context, user: context.may_read_account(user.id), "id"))


def visible_to_admins(field: Any) -> Any:
    return _guarded(field, VisibleTo(lambda context, _: context.viewer.admin, "id"))


def visible_to_owner(field: Any) -> Any:
    """Make a field null for all but the row's `user_id`, and for an admin who impersonates them."""
    return _guarded(field, VisibleTo(_owns, "user_id"))


def visible_to_owner_in_session(field: Any) -> Any:
    """Make a field null for all but a session of the row's `user_id`: also for their API tokens."""
    return _guarded(field, VisibleTo(_owns_in_session, "user_id"))


def visible_to_holder(field: Any) -> Any:
    """Make a field null for all but the row's `holder_id`, and for an admin who impersonates."""
    return _guarded(field, VisibleTo(_holds, "holder_id"))


def visible_to_giver(field: Any) -> Any:
    """Make a field null for all but the row's `from_user_id`, and for an admin who impersonates."""
    return _guarded(field, VisibleTo(_gives, "from_user_id"))


def visible_to_members(
    membership: Loader[UUID, Any], allowed: Callable[[Any], bool], *, admins: bool = False
) -> Callable[[Any], Any]:
    """Refuse an async field of Vendor to all but members that are allowed, and declared admins."""
    return lambda field: _guarded(field, VisibleToMembers(membership, allowed, admins=admins))


def _owns(context: Context, row: Any) -> bool:
    return _is_self(context.viewer, row.user_id)


def _owns_in_session(context: Context, row: Any) -> bool:
    return context.viewer.scopes is None and _owns(context, row)


def _holds(context: Context, row: Any) -> bool:
    return _is_self(context.viewer, row.holder_id)


def _gives(context: Context, row: Any) -> bool:
    return _is_self(context.viewer, row.from_user_id)


def _is_self(viewer: Viewer, user_id: UUID | None) -> bool:
    """Return whether the viewer is a user. A row without one is not that of anonymous callers."""
    return user_id is not None and viewer.user_id == user_id and viewer.impersonator is None


def _guarded(field: Any, extension: FieldExtension) -> Any:
    field.extensions = [extension]
    return field
