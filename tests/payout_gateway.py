"""A provider of payouts in this process, which can lose answers and fail in between."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from gateways.payments.errors import NoAnswer, ObjectNotFound, ProviderRefused, UnknownOutcome
from gateways.payments.gateway import (
    BalanceTransaction,
    MoneyStatus,
    NewPayout,
    NewPayoutAccount,
    PaymentGateway,
    ProviderAccount,
    ProviderBalance,
    ProviderPayout,
)


@dataclass
class PayoutProvider:
    """Keep the payouts by reference. `fault` is that of the next calls."""

    available: int = 10**9
    pending: int = 0
    fault: str = ""
    can_receive: bool = True
    has_onboarding: bool = True
    payouts: dict[str, ProviderPayout] = field(default_factory=dict)
    accounts: dict[str, ProviderAccount] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    lines: list[BalanceTransaction] = field(default_factory=list)
    currency: str = "EUR"

    @property
    def gateway(self) -> PaymentGateway:
        return cast("PaymentGateway", self)

    async def balances(self) -> Mapping[str, ProviderBalance]:
        return {self.currency: ProviderBalance(self.available, self.pending)}

    def payable(self, amount: int, currency: str, *, available: int) -> int:
        return max(0, min(amount, available))

    async def pay_out(self, wanted: NewPayout, *, key: str) -> ProviderPayout:
        if self.fault == "refuse":
            raise ProviderRefused("The account is closed.")
        if self.fault == "silent":
            raise NoAnswer("No answer.")
        if self.fault == "broken":
            raise UnknownOutcome("Error 500.")
        reference = self.by_key.setdefault(key, f"tr_{len(self.by_key) + 1}_{wanted.payout_id}")
        if reference not in self.payouts:
            self.available -= wanted.amount
            self.payouts[reference] = ProviderPayout(
                reference, wanted.payout_id, MoneyStatus.PENDING, wanted.amount, wanted.currency
            )
        if self.fault == "lose":
            self.fault = ""
            raise NoAnswer("The answer was lost.")
        if self.fault == "lose and break":
            self.fault = ""
            raise UnknownOutcome("Error 500.")
        return self.payouts[reference]

    async def find_payout(self, reference: str) -> ProviderPayout:
        if reference not in self.payouts:
            raise ObjectNotFound("No such payout.")
        return self.payouts[reference]

    async def search_payout(self, wanted: NewPayout) -> ProviderPayout | None:
        found = (one for one in self.payouts.values() if one.payout_id == wanted.payout_id)
        return next(found, None)

    def become(self, reference: str, status: MoneyStatus, error: str | None = None) -> None:
        self.payouts[reference] = replace(self.payouts[reference], status=status, error=error)

    async def create_account(self, wanted: NewPayoutAccount, *, key: str) -> ProviderAccount:
        if self.fault == "refuse":
            raise ProviderRefused("No such bank.")
        if self.fault == "silent":
            raise NoAnswer("No answer.")
        reference = self.by_key.setdefault(key, f"acct_{wanted.payout_account_id.hex}")
        missing = () if self.can_receive else ("individual.verification.document",)
        self.accounts[reference] = ProviderAccount(reference, self.can_receive, missing, "6789")
        return self.accounts[reference]

    async def find_account(self, reference: str) -> ProviderAccount:
        return self.accounts[reference]

    async def onboarding_url(self, reference: str, *, return_url: str) -> str:
        return f"https://provider.example/onboarding/{reference}"

    async def transactions(self, *, since: datetime) -> AsyncIterator[BalanceTransaction]:
        for line in self.lines:
            if line.created_at >= since:
                yield line

    async def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)
