"""Postings: made once, balanced, and refused if a wallet has too little."""

import ast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.database import constraint
from core.ids import new_id
from core.settings import HOME
from models.ledger.accounts import Account, AccountKind, WalletTooLow
from models.ledger.entries import Leg, Posting, PostingKind
from services.ledger.balances import read_balance
from services.ledger.posting import PostingDiffers, find_legs, post_entries
from services.transaction import Transactions
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.counting import captured
from tests.test_architecture import sources

BANK, UNCLAIMED = Account(AccountKind.BANK, "INR"), Account(AccountKind.UNCLAIMED, "INR")


async def posted(world: World, posting: Posting, *legs: Leg) -> bool:
    async with world.database.session() as session, session.begin():
        return await post_entries(session, posting, legs)


async def balance(world: World, account: Account) -> int:
    async with world.database.session() as session:
        return await read_balance(session, account)


def paid() -> Posting:
    return Posting(PostingKind.PAY, new_id())


async def test_a_posting_is_made_once(world: World) -> None:
    posting = paid()
    assert await posted(world, posting, Leg(BANK, UNCLAIMED, 5_00))
    assert not await posted(world, posting, Leg(BANK, UNCLAIMED, 5_00))
    assert (await balance(world, BANK), await balance(world, UNCLAIMED)) == (-5_00, 5_00)
    await check_invariants(world.database)


async def test_a_posting_that_exists_cannot_have_other_entries(world: World) -> None:
    posting, leg = paid(), Leg(BANK, UNCLAIMED, 5_00)
    await posted(world, posting, leg)
    more = leg._replace(amount=6_00), leg._replace(credit=BANK._replace(kind=AccountKind.LOSSES))
    for legs in ([one] for one in more):
        with pytest.raises(PostingDiffers):
            await posted(world, posting, *legs)
    with pytest.raises(PostingDiffers):
        await posted(world, posting, leg, leg)
    assert await balance(world, UNCLAIMED) == 5_00


async def test_legs_are_kept_in_their_order(world: World) -> None:
    posting, vendor = paid(), await world.vendor()
    pending = Account(AccountKind.V_PENDING, "INR", vendor.id)
    commission = Account(AccountKind.COMMISSION, "INR")
    legs = [Leg(UNCLAIMED, pending, 10_00, new_id()), Leg(pending, commission, 1_00)]
    await posted(world, posting, *legs)
    async with world.database.session() as session:
        assert await find_legs(session, posting) == {posting: legs}
    assert await balance(world, pending) == 9_00


async def test_an_order_is_posted_in_one_statement(world: World) -> None:
    vendors = [await world.vendor() for _ in range(3)]
    pending = [Account(AccountKind.V_PENDING, "INR", one.id) for one in vendors]
    commission = Account(AccountKind.COMMISSION, "INR")
    legs = [Leg(UNCLAIMED, one, 10_00) for one in pending]
    legs += [Leg(one, commission, 1_00) for one in pending]
    await posted(world, paid(), *legs)
    async with world.database.session() as session, session.begin():
        with captured() as sent:
            assert await post_entries(session, paid(), legs)
    assert len([statement for statement, _ in sent if "ledger_" in statement]) == 1


async def test_a_guarded_account_never_falls_below_zero(world: World) -> None:
    user = await world.user()
    await world.fund(user, 5_00)
    wallet = Account(AccountKind.WALLET, "INR", user.id)
    with pytest.raises(WalletTooLow) as refused:
        await posted(world, paid(), Leg(wallet, BANK, 5_01))
    assert refused.value.balance == (5_00, "INR")
    assert await posted(world, paid(), Leg(wallet, BANK, 5_00))
    assert await world.wallet(user) == (0, 0, 0)
    await check_invariants(world.database)


async def test_the_balance_is_judged_after_all_legs_of_the_posting(world: World) -> None:
    user = await world.user()
    wallet = Account(AccountKind.WALLET, "INR", user.id)
    legs = [Leg(wallet, UNCLAIMED, 3_00), Leg(BANK, wallet, 5_00)]
    assert await posted(world, paid(), *legs)
    assert await world.wallet(user) == (2_00, 0, 0)
    await check_invariants(world.database)


async def test_the_currency_is_that_of_both_accounts(world: World) -> None:
    with pytest.raises(ValueError, match="one currency"):
        await posted(world, paid(), Leg(BANK, UNCLAIMED._replace(currency="EUR"), 1))
    await posted(world, paid(), Leg(BANK, UNCLAIMED, 1))
    euros = Account(AccountKind.BANK, "EUR"), Account(AccountKind.UNCLAIMED, "EUR")
    await posted(world, paid(), Leg(*euros, 1))
    mixed = """
        INSERT INTO ledger_entry (id, created_at, posting, leg, debit_id, credit_id, currency,
            amount)
        SELECT gen_random_uuid(), now(), 'pay\\:mixed', 0, bank.id, other.id, bank.currency, 1
        FROM ledger_account AS bank, ledger_account AS other
        WHERE bank.kind = 'BANK' AND bank.currency = 'INR'
            AND other.kind = 'UNCLAIMED' AND other.currency = 'EUR'
    """
    with pytest.raises(IntegrityError) as refused:
        async with world.database.session() as session, session.begin():
            await session.execute(text(mixed))
    assert constraint(refused.value) == "ledger_entry_credit_id_fkey"


async def test_a_posting_without_legs_or_amounts_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await posted(world, paid())
    with pytest.raises(ValueError, match="has an amount"):
        await posted(world, paid(), Leg(BANK, UNCLAIMED, 0))


async def test_changes_of_wallets_are_published_to_their_owners(world: World) -> None:
    user, vendor, kind = await world.user(), await world.vendor(), "ledger.wallet_changes"
    wallets = [Account(AccountKind.WALLET, "INR", one.id) for one in (user, vendor)]
    transactions = Transactions(world.database, Unheard())
    for legs in (
        [Leg(BANK, wallets[0], 2), Leg(BANK, wallets[0]._replace(kind=AccountKind.WALLET_HELD), 1)],
        [Leg(BANK, wallet, 1) for wallet in wallets],
        [Leg(BANK, UNCLAIMED, 1)],
    ):
        async with transactions.begin_prepared() as unit:
            await post_entries(unit, paid(), legs)
    assert await world.journal() == [
        (f"user:{user.id}", 1, kind),
        (f"user:{user.id}", 2, kind),
        (f"vendor:{vendor.id}", 1, kind),
    ]


ROWS = {"LedgerAccount", "LedgerEntry", "LedgerSnapshot"}


def writes(node: ast.AST) -> bool:
    """Return whether a node is SQL that writes the ledger, or makes or changes its rows."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return any(
            f"{verb} ledger_{table}" in node.value
            for verb in ("INTO", "UPDATE", "DELETE FROM")
            for table in ("account", "entry", "snapshot")
        )
    if not isinstance(node, ast.Call):
        return False
    changes = ast.unparse(node.func) in {"insert", "update", "delete"}
    return ast.unparse(node.func) in ROWS or (
        changes and bool(node.args) and ast.unparse(node.args[0]) in ROWS
    )


def test_nothing_else_writes_the_ledger() -> None:
    """The statements are in two modules. Those that insert entries are sent by `posting` alone."""
    found = {
        str(path.relative_to(HOME))
        for layer in ("services", "jobs", "resolvers", "web", "demo", "subscriptions", "commands")
        for path in sources(layer)
        if any(map(writes, ast.walk(ast.parse(path.read_text()))))
    }
    assert found == {"services/ledger/statements.py", "services/ledger/balances.py"}
    senders = {
        path.name
        for path in sources("services", "jobs", "demo")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "services.ledger.statements"
        if {"POST", "CREATE"} & {alias.name for alias in node.names}
    }
    assert senders == {"posting.py"}
