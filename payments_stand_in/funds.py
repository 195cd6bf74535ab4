"""Balances: what the platform and each account have, as sums of balance transactions."""

import time
from collections.abc import Mapping

from payments_stand_in.store import Json, ObjectStore

KIND = "balance_transaction"


class Funds:
    """Books of Stripe's face. `account` None is the platform."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.sums: dict[tuple[str | None, str, str], int] = {}

    def book(
        self,
        amount: int,
        currency: str,
        kind: str,
        source: str,
        *,
        fee: int = 0,
        account: str | None = None,
        pending: bool = False,
    ) -> Json:
        """Add a balance transaction. Money that leaves is negative."""
        now = int(time.time())
        details = [{"amount": fee, "currency": currency, "type": "stripe_fee", "application": None}]
        status = "pending" if pending else "available"
        self._add(account, currency, status, amount - fee)
        return self._store.add(
            KIND,
            "txn",
            amount=amount,
            available_on=now,
            currency=currency,
            description=None,
            exchange_rate=None,
            fee=fee,
            fee_details=details if fee else [],
            net=amount - fee,
            reporting_category=kind,
            source=source,
            status=status,
            type=kind,
            _account=account,
        )

    def release(self) -> None:
        """Make all pending money available."""
        for one in self._store.newest(KIND):
            one["status"] = "available"
        for (account, currency, status), amount in list(self.sums.items()):
            if status == "pending":
                del self.sums[account, currency, status]
                self._add(account, currency, "available", amount)

    def balance(self, account: str | None = None, status: str = "available") -> Mapping[str, int]:
        """Return what an account has in each currency in which it ever had money."""
        currencies = {currency for owner, currency, _ in self.sums if owner == account}
        return {one: self.sums.get((account, one, status), 0) for one in sorted(currencies)}

    def available(self, currency: str, account: str | None = None) -> int:
        return self.sums.get((account, currency, "available"), 0)

    def _add(self, account: str | None, currency: str, status: str, amount: int) -> None:
        key = (account, currency, status)
        self.sums[key] = self.sums.get(key, 0) + amount
