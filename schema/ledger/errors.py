"""Errors of the ledger that carry data."""

import strawberry

from engine.errors import UserError, error_type
from engine.scalars import BigInt, CurrencyCode
from models.ledger import accounts


@error_type(accounts.WalletTooLow)
@strawberry.type(description="A wallet has less than is needed.")
class WalletTooLow(UserError):
    available_minor: BigInt = strawberry.field(
        description="The amount that it has in minor units, with promotional money."
    )
    currency: CurrencyCode = strawberry.field(description="The currency.")
