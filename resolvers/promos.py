"""Root fields of promo codes."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.promos import codes as rows
from models.quotas import DailyLimitReached
from models.vendors import VendorNotApproved, VendorSuspended
from schema.promos.inputs import (
    CreatePromoCodeInput,
    PromoCodeWhere,
    UpdatePromoCodeInput,
    promo_code_filter,
)
from schema.promos.types import PromoCode, PromoCodeId
from services.promos import access, codes

Where = Annotated[PromoCodeWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class PromoQuery:
    @connection(
        Connection[PromoCode],
        "Promo codes of the viewer's vendors, newest first. Admins see all, also the platform's.",
    )
    def promo_codes(self, info: Info, where: Where = None) -> Listing[Any]:
        return access.list_promo_codes(info.context.viewer, promo_code_filter(where))


@strawberry.type
class PromoMutation:
    @mutation(
        promo_code=PromoCode,
        audit=AuditAct.CREATE_PROMO_CODE,
        raises=(
            InvalidInput,
            NotFound,
            VendorNotApproved,
            VendorSuspended,
            rows.PromoCodeTaken,
            rows.PromoCodeLimitReached,
            DailyLimitReached,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def create_promo_code(self, info: Info, input: CreatePromoCodeInput) -> rows.PromoCode:
        """Create a promo code of an APPROVED vendor, which pays for it. Requires its MANAGER or
        OWNER role. Admins can create codes that the platform pays for.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await codes.create_promo_code(
                session,
                info.context.viewer,
                draft,
                vendor_id=input.vendor_id,
                currency=input.currency,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        promo_code=PromoCode,
        audit=AuditAct.UPDATE_PROMO_CODE,
        raises=(InvalidInput, NotFound, rows.PromoCodeEnded, rows.CapacityBelowUsed),
        repeatable="sets values",
    )
    async def update_promo_code(self, info: Info, input: UpdatePromoCodeInput) -> rows.PromoCode:
        """Change the limits and the time of a promo code. Requires the vendor's MANAGER or OWNER
        role, and an admin for codes of the platform.
        """
        patch = input.patch()
        async with info.context.transaction() as session:
            return await codes.update_promo_code(
                session, info.context.viewer, promo_code_id=input.promo_code_id, patch=patch
            )

    @mutation(
        promo_code=PromoCode,
        audit=AuditAct.END_PROMO_CODE,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def end_promo_code(self, info: Info, promo_code_id: PromoCodeId) -> rows.PromoCode:
        """End a promo code for good. Orders that were placed with it keep their discount. Requires
        the vendor's MANAGER or OWNER role, and an admin for codes of the platform.
        """
        async with info.context.transaction() as session:
            return await codes.end_promo_code(
                session, info.context.viewer, promo_code_id=promo_code_id
            )
