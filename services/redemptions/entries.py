"""Journal entries about vouchers and their redemption."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class VoucherEntry(Entry):
    voucher_id: UUID


@dataclass(frozen=True)
class VoucherClaimed(VoucherEntry, kind="voucher.claimed"):
    offer_id: UUID


@dataclass(frozen=True)
class VoucherPresented(VoucherEntry, kind="voucher.redemption"):
    """A voucher was presented at its own vendor, accepted or not."""

    redemption_id: UUID


@dataclass(frozen=True)
class VoucherCancelled(VoucherEntry, kind="voucher.cancelled"):
    """A customer returned a voucher, so that another can claim it."""

    offer_id: UUID


@dataclass(frozen=True)
class VoucherExpired(VoucherEntry, kind="voucher.expired"):
    """A voucher was unused when its offer ended."""

    offer_id: UUID


@dataclass(frozen=True)
class VoucherVendorChanged(VoucherEntry, kind="voucher.vendor"):
    """The vendor of a voucher was suspended, or restored."""


@dataclass(frozen=True)
class VoucherReissued(VoucherEntry, kind="voucher.reissued"):
    """A voucher got new codes, and its former ones are refused."""


@dataclass(frozen=True)
class VoucherGiven(VoucherEntry, kind="voucher.given"):
    """A voucher has another holder, with new codes."""


@dataclass(frozen=True)
class RedemptionReversed(VoucherEntry, kind="voucher.reversed"):
    """A member took a redemption back."""

    redemption_id: UUID


@dataclass(frozen=True)
class RedemptionDecided(Entry, kind="redemption.decided"):
    """An attempt has another outcome, because an earlier scan arrived later."""

    redemption_id: UUID


@dataclass(frozen=True)
class RedemptionCreated(Entry, kind="redemption"):
    redemption_id: UUID


@dataclass(frozen=True)
class RedemptionChecked(Entry, kind="redemption.checked"):
    """A held attempt was approved, blocked, or given up because no decision came in time."""

    redemption_id: UUID


@dataclass(frozen=True)
class VoucherChecked(VoucherEntry, kind="voucher.checked"):
    """The check of a voucher has ended: see the attempt."""

    redemption_id: UUID
