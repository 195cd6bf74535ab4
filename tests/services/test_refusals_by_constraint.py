"""Refusals of vouchers, gifts, scans and settings, by the constraint that a change violates."""

from typing import Any

import pytest

from core.ids import new_id
from models.errors import Refusal
from models.events.check_in.scans import ScanLight, ScanMode
from models.fraud.settings import FraudSettings, SettingsChanged
from models.gifts import GiftState, InvalidGiftState, VoucherGift, VoucherGivenBefore
from models.offers.offers import CapacityBelowClaimed, ClaimLimitReached
from models.redemptions import Redemption
from models.redemptions.refusals import ScanIdUsed
from services.transaction import Transactions
from tests.factories.redemptions import Till
from tests.factories.world import World


async def test_a_capacity_below_the_claims_is_refused_by_name(
    world: World, transactions: Transactions
) -> None:
    till = await Till.open(world, capacity=5, claimed=4)
    with pytest.raises(CapacityBelowClaimed):
        async with transactions.begin() as session:
            till.offer.capacity = 3
            await session.merge(till.offer)
    assert (await world.fresh(till.offer)).capacity == 5


async def test_a_turn_taken_twice_is_refused_by_name(
    world: World, transactions: Transactions
) -> None:
    till = await Till.open(world)
    voucher = await till.voucher()
    twin = voucher.model_dump() | {"id": new_id(), "code": "other"}
    with pytest.raises(ClaimLimitReached):
        async with transactions.begin() as session:
            session.add(type(voucher)(**twin))


@pytest.mark.parametrize(
    ("state", "refusal"),
    [(GiftState.OFFERED, InvalidGiftState), (GiftState.ACCEPTED, VoucherGivenBefore)],
)
async def test_a_second_gift_of_a_voucher_is_refused_by_name(
    world: World, transactions: Transactions, state: GiftState, refusal: type[Refusal]
) -> None:
    till = await Till.open(world)
    offered = state is GiftState.OFFERED
    ended: dict[str, Any] = {} if offered else {"code": None, "ended_at": till.offer.starts_at}
    gift = await world.voucher_gift(await till.voucher(), await world.user(), state=state, **ended)
    twin = gift.model_dump() | {"id": new_id(), "code": "other" if offered else None}
    with pytest.raises(refusal):
        async with transactions.begin() as session:
            session.add(VoucherGift(**twin))


async def test_a_version_of_settings_that_exists_is_refused_by_name(
    world: World, transactions: Transactions
) -> None:
    till = await Till.open(world)
    settings = FraudSettings(vendor_id=till.vendor.id, version=1, changed_by_id=till.scanner.id)
    await world.save(settings)
    twin = settings.model_dump() | {"id": new_id()}
    with pytest.raises(SettingsChanged):
        async with transactions.begin() as session:
            session.add(FraudSettings(**twin))


async def test_a_scan_sent_twice_is_refused_by_name(
    world: World, transactions: Transactions
) -> None:
    till = await Till.open(world)
    scanner = await world.scanner(till.vendor, till.scanner)
    given = {
        "scanner_id": scanner.id,
        "mode": ScanMode.OFFLINE,
        "scan_id": new_id(),
        "seq": 1,
        "scanned_at": till.offer.starts_at,
        "moment": till.offer.starts_at,
        "shown": ScanLight.RED,
    }
    attempt = await world.redemption(till.vendor, await till.voucher(), **given)
    with pytest.raises(ScanIdUsed):
        async with transactions.begin() as session:
            session.add(Redemption(**attempt.model_dump() | {"id": new_id()}))
