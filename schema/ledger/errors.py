"""Errors of the ledger that carry data."""

import strawberry

from engine.errors.conversion import UserError, error_type
from models.ledger import accounts
from schema.money import Money


@error_type(accounts.WalletTooLow)
@strawberry.type(description="A wallet has less than is needed.")
class WalletTooLow(UserError):
    balance: Money = strawberry.field(description="The amount that it has, with promotional money.")
