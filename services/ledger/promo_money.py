"""Promotional money that ends: given, spent, given back, and ended.

The caller has locked the wallet, so that its rows here change one after another.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import BigInteger, String, Uuid, bindparam, text

from core.clock import now
from core.statements.inserts import insert_row
from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.ledger.promo_money import TIME_AFTER_RETURN, PromoMoney
from services.ledger.posting import post_entries

_OWNER = (bindparam("owner_id", type_=Uuid()), bindparam("currency", type_=String()))
DUE = Statement(
    text(
        """
        SELECT id, remaining FROM promo_money
        WHERE owner_id = :owner_id AND currency = :currency AND remaining > 0
            AND ends_at <= :current_time
        ORDER BY id FOR NO KEY UPDATE
        """
    ).bindparams(*_OWNER, current_time())
)
END = Statement(
    text(
        "UPDATE promo_money SET remaining = 0, ended_at = :current_time WHERE id = :id"
    ).bindparams(bindparam("id", type_=Uuid()), current_time())
)
TAKE = Statement(
    text(
        """
        WITH open AS (
            SELECT id, remaining,
                sum(remaining) OVER (ORDER BY ends_at, id) - remaining AS before
            FROM promo_money
            WHERE owner_id = :owner_id AND currency = :currency AND remaining > 0
        ), taken AS (
            UPDATE promo_money AS one
            SET remaining = one.remaining - least(open.remaining, :amount - before)
            FROM open WHERE one.id = open.id AND before < :amount
            RETURNING one.id, CAST(least(open.remaining, :amount - before) AS bigint) AS amount
        )
        INSERT INTO promo_money_use (promo_money_id, subject_id, amount, returned)
        SELECT id, :subject_id, amount, 0 FROM taken
        """
    ).bindparams(
        *_OWNER,
        bindparam("amount", type_=BigInteger()),
        bindparam("subject_id", type_=Uuid()),
    )
)
# Money that ends last comes back first, so that it can be spent for as long as possible.
GIVE_BACK = Statement(
    text(
        """
        WITH open AS (
            SELECT promo_money_id AS id, one.amount - returned AS amount, ends_at,
                sum(one.amount - returned) OVER (ORDER BY ends_at DESC, promo_money_id)
                    - (one.amount - returned) AS before
            FROM promo_money_use AS one JOIN promo_money ON promo_money.id = promo_money_id
            WHERE subject_id = :subject_id AND one.amount > returned
        ), back AS (
            UPDATE promo_money_use AS one
            SET returned = returned + least(open.amount, :amount - before)
            FROM open
            WHERE promo_money_id = open.id AND subject_id = :subject_id AND before < :amount
            RETURNING open.id, ends_at,
                CAST(least(open.amount, :amount - before) AS bigint) AS amount
        ), kept AS (
            UPDATE promo_money AS one SET remaining = remaining + back.amount
            FROM back WHERE one.id = back.id AND back.ends_at > :current_time
        )
        SELECT CAST(coalesce(sum(amount), 0) AS bigint) AS amount
        FROM back WHERE ends_at <= :current_time
        """
    ).bindparams(
        current_time(),
        bindparam("amount", type_=BigInteger()),
        bindparam("subject_id", type_=Uuid()),
    )
)


async def give_promo_money(
    unit: UnitOfWork, wallet: Account, amount: int, *, valid: timedelta, adjustment_id: UUID | None
) -> None:
    """Record promotional money of a wallet that ends after a time. The caller posts it."""
    if wallet.owner_id is None:
        raise ValueError("Promotional money is a user's or a vendor's.")
    given = PromoMoney(
        owner_id=wallet.owner_id,
        currency=wallet.currency,
        amount=amount,
        remaining=amount,
        ends_at=now() + valid,
        adjustment_id=adjustment_id,
    )
    await insert_row(await connection_of(unit), given)


async def end_due(unit: UnitOfWork, owner_id: UUID, currency: str) -> int:
    """End what is past its end, and return how much that is."""
    connection = await connection_of(unit)
    rows = await DUE.fetch(connection, owner_id=owner_id, currency=currency)
    ours = Account(AccountKind.PROMOTIONS, currency)
    for row in rows:
        leg = Leg(Account(AccountKind.WALLET_PROMO, currency, owner_id), ours, row["remaining"])
        await post_entries(unit, Posting(PostingKind.PROMO_END, row["id"]), [leg])
        await END.execute(connection, id=row["id"])
    return sum(row["remaining"] for row in rows)


async def take_promo_money(
    unit: UnitOfWork, owner_id: UUID, currency: str, amount: int, *, subject_id: UUID
) -> None:
    """Take an amount of the account WALLET_PROMO, which the caller posts, for a subject.

    What ends first is taken first. The rest is of the money that never ends.
    """
    await TAKE.execute(
        await connection_of(unit),
        owner_id=owner_id,
        currency=currency,
        amount=amount,
        subject_id=subject_id,
    )


async def return_promo_money(
    unit: UnitOfWork, owner_id: UUID, currency: str, amount: int, *, subject_id: UUID
) -> None:
    """Give back an amount of what a subject has taken, which the caller posts.

    It ends when it would have ended. What is past its end by now can be spent for two weeks.
    """
    row = await GIVE_BACK.fetch_one(await connection_of(unit), amount=amount, subject_id=subject_id)
    if row is not None and row["amount"]:
        wallet = Account(AccountKind.WALLET_PROMO, currency, owner_id)
        valid = TIME_AFTER_RETURN
        await give_promo_money(unit, wallet, row["amount"], valid=valid, adjustment_id=None)
