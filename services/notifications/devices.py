"""Devices: app installations that receive push messages."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import case, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change, for_reliance
from core.security.sealed import Sealer
from models.errors import NotFound
from models.fraud.links import LinkKind
from models.identity.accounts import SessionEnded, User, UserSession
from models.notifications.devices import MAX_DEVICES, Device, DeviceRegistration
from services.fraud.links import note_link
from services.viewer import Viewer


def visible_devices(viewer: Viewer) -> SelectOfScalar[Device]:
    """Select the viewer's devices. Admins see all."""
    if viewer.admin:
        return select(Device)
    return select(Device).where(Device.user_id == viewer.user_id)


async def register_device(
    session: AsyncSession, viewer: Viewer, sealer: Sealer, registered: DeviceRegistration
) -> Device:
    """Register the device of the viewer's session, until that session ends.

    Another user's token becomes the viewer's, under a new id, because the device was handed over.
    Above twenty devices the one seen longest ago is removed. Raises `SessionEnded`.
    """
    user_id = viewer.require_user()
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    user_session = await _lock_session(session, viewer)
    given = Device(
        user_id=user_id,
        session_id=user_session.id,
        platform=registered.platform,
        token=registered.token,
        token_hash=registered.token_hash,
    ).model_dump()
    row = insert(Device).values(given)
    moved = {name: given[name] for name in ("user_id", "session_id", "platform", "seen_at")}
    moved["id"] = case((col(Device.user_id) == user_id, col(Device.id)), else_=given["id"])
    upsert = row.on_conflict_do_update(index_elements=["token_hash"], set_=moved)
    id = await session.scalar(upsert.returning(col(Device.id)))
    await _remove_excess(session, user_id)
    token = registered.token_hash.hex()
    await note_link(session, sealer, user_id, LinkKind.DEVICE, token)
    return await session.get_one(Device, id)


async def remove_device(session: AsyncSession, viewer: Viewer, *, device_id: UUID) -> None:
    mine = col(Device.user_id) == viewer.require_user()
    gone = await session.exec(
        delete(Device).where(col(Device.id) == device_id, mine).returning(col(Device.id))
    )
    if gone.first() is None:
        raise NotFound


def list_devices(user_id: UUID) -> SelectOfScalar[Device]:
    """Select a user's devices, the last seen first, at most twenty."""
    rows = select(Device).where(Device.user_id == user_id)
    return rows.order_by(col(Device.seen_at).desc(), col(Device.id).desc()).limit(MAX_DEVICES)


async def forget_devices(session: AsyncSession, session_id: UUID) -> None:
    """Delete an ended session's devices, so that nothing is pushed to them."""
    await session.exec(delete(Device).where(col(Device.session_id) == session_id))


async def _lock_session(session: AsyncSession, viewer: Viewer) -> UserSession:
    rows = select(UserSession).where(UserSession.id == viewer.session_id)
    found = (await session.exec(for_reliance(rows))).first()
    if found is None:
        raise SessionEnded
    found.ensure_open()
    return found


async def _remove_excess(session: AsyncSession, user_id: UUID) -> None:
    kept = list_devices(user_id).with_only_columns(col(Device.id))
    extra = delete(Device).where(col(Device.user_id) == user_id, col(Device.id).not_in(kept))
    await session.exec(extra)
