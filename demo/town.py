"""Planting the demo town in an empty database."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import Database
from core.passwords import hash_password
from core.signing_keys import SigningKeys
from demo.accounts import ACCOUNTS, PASSWORD, Account
from demo.categories import draw_categories
from demo.chance import Chance
from demo.chats import draw_chats
from demo.desk import draw_desks
from demo.likes import draw_likes
from demo.notifications import draw_notifications
from demo.owner import draw_cafe, draw_customer
from demo.people import draw_people
from demo.planting import Progress, defer_ends, insert_rows, sign_vouchers
from demo.redemptions import draw_refusals
from demo.rows import Town
from demo.vendors import draw_vendors
from demo.vouchers import draw_vouchers
from models.identity.accounts import User

__all__ = ["ACCOUNTS", "PASSWORD", "Account", "Progress", "draw_town", "is_empty", "plant"]

SEED = 560038
STEPS = (
    draw_categories,
    draw_people,
    draw_cafe,
    draw_vendors,
    draw_vouchers,
    draw_customer,
    draw_refusals,
    draw_likes,
    draw_desks,
    draw_notifications,
    draw_chats,
)


async def is_empty(session: AsyncSession) -> bool:
    """Whether there is no user at all. A town is planted whole or not at all."""
    return (await session.exec(select(User.id).limit(1))).first() is None


async def plant(database: Database, keys: SigningKeys, progress: Progress) -> None:
    """The whole town in one transaction; `progress` hears what, how many are done, of how many."""
    town = draw_town(now(), await hash_password(PASSWORD), progress)
    sign_vouchers(town, keys, progress)
    async with database.session() as session, session.begin():
        await insert_rows(session, town, progress)
        await defer_ends(session, town, progress)
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


def draw_town(now: datetime, password_hash: str, progress: Progress) -> Town:
    """The same town each time, moved to `now`."""
    chance, town = Chance(SEED), Town(now, password_hash)
    for step, draw in enumerate(STEPS):
        progress("drawing", step, len(STEPS))
        draw(chance, town)
    progress("drawing", len(STEPS), len(STEPS))
    return town
