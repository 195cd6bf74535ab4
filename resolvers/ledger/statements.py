"""Root fields of statements."""

import strawberry

from engine.context import Info
from engine.types import field
from models.ledger.account_statements import StatementKind
from schema.ledger.inputs import Currency, Period, StatementVendorId, WalletVendorId
from schema.ledger.statements import VendorStatement, WalletStatement
from services.ledger.account_statements import reading


@strawberry.type
class StatementQuery:
    @field(
        "The earnings of a vendor in a period of at most 366 days, in its currency and time zone."
        " Visible to its owners and managers, and to admins.",
        cost=20,
    )
    async def vendor_statement(
        self, info: Info, vendor_id: StatementVendorId, period: Period
    ) -> VendorStatement:
        days, viewer = period.days(), info.context.viewer
        async with info.context.read_session() as session:
            of = await reading.access_vendor_statement(session, viewer, vendor_id, days)
            return VendorStatement.wrap(await reading.read_statement(session, of))

    @field(
        "A wallet in a period of at most 366 days: the viewer's, or that of a vendor in its"
        " currency.",
        cost=20,
    )
    async def wallet_statement(
        self,
        info: Info,
        currency: Currency,
        period: Period,
        vendor_id: WalletVendorId = None,
    ) -> WalletStatement:
        days, viewer = period.days(), info.context.viewer
        async with info.context.read_session() as session:
            if vendor_id is None:
                of = await reading.access_wallet_statement(session, viewer, currency, days)
            else:
                of = await reading.access_vendor_statement(
                    session, viewer, vendor_id, days, StatementKind.WALLET
                )
            return WalletStatement.wrap(await reading.read_statement(session, of))
