"""The switch of users for personal offers."""

from typing import Annotated

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.identity.accounts import User as UserRow
from schema.identity.types import User
from services.offers.for_you.switch import update_personal_offers

PersonalOffersEnabled = Annotated[
    bool,
    strawberry.argument(description="Whether offers are ranked by the viewer's history."),
]


@strawberry.type
class PersonalOffersMutation:
    @mutation(personal=True, viewer=User, repeatable="sets a value")
    async def update_personal_offers(self, info: Info, enabled: PersonalOffersEnabled) -> UserRow:
        """Turn the ranking of offers by the viewer's history on or off: the order `FOR_YOU` of
        `offers`. Turned off, that order is by popularity, as for anonymous callers, and ranked
        lists that are kept for later pages are deleted.
        """
        context = info.context
        async with context.transaction() as session:
            user = await update_personal_offers(session, context.viewer, enabled=enabled)
        if not enabled:
            await context.app.kept_lists.forget(user.id)
        return user
