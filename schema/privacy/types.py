"""Exports and deletions of accounts."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from engine.address_scalars import URL
from engine.errors.conversion import UserError, user_errors
from engine.scalars import BigInt
from engine.types import Rows, column
from models import privacy as rows
from services.privacy.deletion_quotes import DeletionQuote

Confirm = Annotated[
    bool, strawberry.argument(description="True, to confirm that the account is to be deleted.")
]


@strawberry.type(description="A file with the data of an account. Visible to its user.")
class DataExport(Rows[rows.DataExport]):
    created_at: datetime = column("The time at which it was requested.")
    ready_at: datetime | None = column("The time at which its link was mailed. Null until then.")
    size: BigInt | None = column("The size of the file in bytes. Null until it is ready.")
    downloaded_at: datetime | None = column("The time of the download. Null before.")
    expires_at: datetime = column("The time until which it can be downloaded, 72 hours in all.")


@strawberry.type(description="The deletion of an account, which can still be cancelled.")
class AccountDeletion(Rows[rows.AccountDeletion]):
    created_at: datetime = column("The time of the request.")
    due_at: datetime = column("The time at which the account will be erased.")


@strawberry.type(
    description="The reasons against the deletion of the viewer's account now, and counts of what"
    " ends with it."
)
class AccountDeletionQuote:
    hindrances: list[UserError] = strawberry.field(
        description="The errors with which `deleteMyAccount` refuses now, at most 4. Empty if it"
        " does not.",
        metadata={"size": 1},
    )
    bookings: int = strawberry.field(description="The bookings to come.")
    tickets: int = strawberry.field(description="The valid tickets of dates to come.")
    vouchers: int = strawberry.field(description="The claimed vouchers that have not expired.")
    memberships: int = strawberry.field(description="The vendors whose member the viewer is.")

    @classmethod
    def of(cls, quote: DeletionQuote, locales: list[str]) -> Self:
        errors = [error for one in quote.hindrances for error in user_errors(one, locales)]
        return cls(**vars(quote) | {"hindrances": errors})


@strawberry.type(description="A link to the file of an export.")
class DataDownload:
    url: URL = strawberry.field(
        description="The URL of a ZIP file, valid for 15 minutes. Do not store it."
    )
