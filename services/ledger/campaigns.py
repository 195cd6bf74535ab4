"""Money of wallets for campaigns: held before, billed once, and the rest given back.

The caller has locked the campaign. Promotional money is held first and billed first.
"""

from typing import NamedTuple
from uuid import UUID

from core.statements.units import UnitOfWork
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from services.ledger.posting import find_legs, post_entries
from services.ledger.promo_money import return_promo_money
from services.ledger.wallets import HeldMoney, lock_wallet, take_money


class CampaignWallet(NamedTuple):
    """The wallet that pays for a campaign, by its owner."""

    owner_id: UUID
    currency: str
    campaign_id: UUID

    def account(self, kind: AccountKind) -> Account:
        return Account(kind, self.currency, self.owner_id)

    def posting(self, kind: PostingKind) -> Posting:
        return Posting(kind, self.campaign_id)


async def hold_campaign(unit: UnitOfWork, wallet: CampaignWallet, amount: int) -> HeldMoney:
    """Hold the budget of a campaign. A second call changes nothing. Raises `WalletTooLow`."""
    owner_id, currency, campaign_id = wallet
    balances = await lock_wallet(unit, owner_id, currency)
    held = await _find_held(unit, wallet)
    if held.amount or not amount:
        return held
    held = await take_money(unit, owner_id, currency, amount, balances, subject_id=campaign_id)
    target = wallet.account(AccountKind.WALLET_HELD)
    legs = [Leg(source, target, part) for source, part in held.sources(owner_id, currency)]
    await post_entries(unit, wallet.posting(PostingKind.CAMPAIGN_HOLD), legs)
    return held


async def bill_campaign(
    unit: UnitOfWork, wallet: CampaignWallet, *, net: int, tax: int = 0
) -> bool:
    """Bill what a campaign has cost, and give the rest back. Returns whether that is new.

    The bill can be lower than what is held, and not higher.
    """
    await lock_wallet(unit, wallet.owner_id, wallet.currency)
    held = await _find_held(unit, wallet)
    if net + tax > held.amount:
        raise ValueError("A campaign is billed at most what it holds.")
    if await _is_over(unit, wallet):
        return False
    source = wallet.account(AccountKind.WALLET_HELD)
    sales, tax_due = (
        Account(kind, wallet.currency) for kind in (AccountKind.CAMPAIGN_SALES, AccountKind.GST_OUT)
    )
    legs = [Leg(source, sales, net), Leg(source, tax_due, tax)]
    if legs := [leg for leg in legs if leg.amount]:
        await post_entries(unit, wallet.posting(PostingKind.CAMPAIGN), legs)
    await _give_back(unit, wallet, held, net + tax)
    return True


async def release_campaign(unit: UnitOfWork, wallet: CampaignWallet) -> int:
    """Give back all that a campaign holds, which costs nothing. Returns the amount."""
    await lock_wallet(unit, wallet.owner_id, wallet.currency)
    held = await _find_held(unit, wallet)
    if not held.amount or await _is_over(unit, wallet):
        return 0
    await _give_back(unit, wallet, held, 0)
    return held.amount


async def _give_back(
    unit: UnitOfWork, wallet: CampaignWallet, held: HeldMoney, billed: int
) -> None:
    """Give back what is held beyond the bill, to where it came from."""
    promo = max(0, held.promo - billed)
    rest = HeldMoney(held.amount - billed - promo, promo)
    source = wallet.account(AccountKind.WALLET_HELD)
    targets = rest.sources(wallet.owner_id, wallet.currency)
    if targets:
        legs = [Leg(source, target, part) for target, part in targets]
        await post_entries(unit, wallet.posting(PostingKind.CAMPAIGN_RELEASE), legs)
    if promo:
        await return_promo_money(
            unit, wallet.owner_id, wallet.currency, promo, subject_id=wallet.campaign_id
        )


async def _find_held(unit: UnitOfWork, wallet: CampaignWallet) -> HeldMoney:
    posting = wallet.posting(PostingKind.CAMPAIGN_HOLD)
    amounts = {leg.debit.kind: leg.amount for leg in (await find_legs(unit, posting))[posting]}
    return HeldMoney(amounts.get(AccountKind.WALLET, 0), amounts.get(AccountKind.WALLET_PROMO, 0))


async def _is_over(unit: UnitOfWork, wallet: CampaignWallet) -> bool:
    ends = [wallet.posting(one) for one in (PostingKind.CAMPAIGN, PostingKind.CAMPAIGN_RELEASE)]
    return any((await find_legs(unit, *ends)).values())
