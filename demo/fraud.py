"""Seeds fraud cases of the café: one that was held, a double, and a sampled one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from demo.dataset import Dataset, DemoVendor
from demo.identity.accounts import CUSTOMER, OWNER
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.events.check_in.scanners import Scanner
from models.events.check_in.scans import ScanLight, ScanMode
from models.fraud.cases import CaseEffect, FraudCase, RedemptionFactor
from models.fraud.links import IdentityLink, LinkKind
from models.fraud.rules import DEFAULT_RULES, Factor
from models.fraud.settings import FraudMode, FraudPolicy, FraudSettings, RotationMode
from models.identity.accounts import User
from models.redemptions import (
    CounterState,
    Redemption,
    RedemptionOutcome,
    RedemptionReason,
    Voucher,
)
from services.fraud.score import ScanPlace, ScoredAttempt, measure, score

ACTED, WATCHES = timedelta(days=30), timedelta(days=1)  # since when
POLICY = FraudPolicy(mode=FraudMode.ACT)
NORTH_OF_SHOP, CLAIMED_NORTH = 0.22, 3.0  # degrees: 24 km, and 330 km
ACCURACY_M = 40.0
LATER = timedelta(minutes=25)  # after the first use, the double
MOST_FACTORS, REGULAR = 5, 3
SAMPLED_AFTER = timedelta(days=1)


class DemoUse(NamedTuple):
    """A voucher, its holder, and the attempt that has redeemed it."""

    voucher: Voucher
    holder: User
    attempt: Redemption


def seed_fraud(rng: SeededRandom, dataset: Dataset) -> None:
    """Have the café hold attempts for a month, then only score them and prefer rotating codes."""
    cafe = next(one for one in dataset.vendors if one.row.name == CAFE["name"])
    acted = _settings(rng, dataset, cafe, dataset.now - ACTED, 1, FraudMode.ACT)
    watches = _settings(rng, dataset, cafe, dataset.now - WATCHES, 2, FraudMode.SHADOW)
    watches.rotation = RotationMode.PREFER
    dataset.fraud_rows += [acted, watches]
    cases, uses = _Cases(rng, dataset, cafe, acted), _uses(dataset, cafe)
    cases.add_held(next(uses))
    cases.add_double(next(uses))
    cases.add_sampled(next(uses))


def _settings(
    rng: SeededRandom,
    dataset: Dataset,
    cafe: DemoVendor,
    at: datetime,
    version: int,
    mode: FraudMode,
) -> FraudSettings:
    return FraudSettings(
        id=rng.uuid7_at(at),
        created_at=at,
        vendor_id=cafe.row.id,
        version=version,
        changed_by_id=dataset.user_of(OWNER).id,
        mode=mode,
        rules=[rule.model_dump(mode="json") for rule in DEFAULT_RULES],
    )


def _uses(dataset: Dataset, cafe: DemoVendor) -> Iterator[DemoUse]:
    """Yield uses at the café, of one user each. The owner, who reviews, took part in none."""
    users = {user.id: user for user in dataset.users}
    vouchers = {voucher.id: voucher for voucher in dataset.vouchers}
    known = {dataset.user_of(OWNER).id, dataset.user_of(CUSTOMER).id}
    until = dataset.now - WATCHES - SAMPLED_AFTER
    for attempt in sorted(dataset.redemptions, key=lambda one: one.created_at, reverse=True):
        voucher = vouchers.get(attempt.voucher_id) if attempt.voucher_id else None
        if voucher is None or attempt.outcome is not RedemptionOutcome.APPROVED:
            continue
        ours = attempt.vendor_id == cafe.row.id and attempt.member_id not in known
        if ours and voucher.user_id not in known and attempt.created_at < until:
            known.add(voucher.user_id)
            yield DemoUse(voucher, users[voucher.user_id], attempt)


class _Cases:
    """Adds cases of attempts that the café has approved, with scores by its rules."""

    def __init__(
        self, rng: SeededRandom, dataset: Dataset, cafe: DemoVendor, settings: FraudSettings
    ) -> None:
        self._rng, self._dataset, self._cafe, self._settings = rng, dataset, cafe, settings

    def add_held(self, use: DemoUse) -> None:
        """Add the case of a scan far from the shop and from the claim, whose hold timed out."""
        shop, attempt = self._cafe.row, use.attempt
        attempt.latitude, attempt.longitude = shop.latitude + NORTH_OF_SHOP, shop.longitude
        use.voucher.claim_latitude = shop.latitude + CLAIMED_NORTH
        use.voucher.claim_longitude = shop.longitude
        self._score(use, ScanPlace(attempt.latitude, attempt.longitude, ACCURACY_M))
        ends_at = attempt.created_at + timedelta(minutes=POLICY.hold_minutes)
        self._open(use, attempt.created_at, hold_ends_at=ends_at, effect=CaseEffect.TIMED_OUT)

    def add_double(self, use: DemoUse) -> None:
        """Add a scan without a network, by a scanner that did not know of the first one.

        The holder shares a device with two others.
        """
        at, first = use.attempt.created_at + LATER, use.attempt
        scanner = next(
            one
            for one in self._dataset.event_rows
            if isinstance(one, Scanner) and one.vendor_id == self._cafe.row.id
        )
        double = Redemption(
            id=self._rng.uuid7_at(at),
            created_at=at + LATER,
            vendor_id=first.vendor_id,
            member_id=first.member_id,
            voucher_id=first.voucher_id,
            outcome=RedemptionOutcome.DOUBLE,
            reason=RedemptionReason.ALREADY_REDEEMED,
            mode=ScanMode.OFFLINE,
            scanner_id=scanner.id,
            scan_id=self._rng.uuid7_at(at),
            seq=1,
            generation=use.voucher.generation,
            scanned_at=at,
            moment=at,
            shown=ScanLight.GREEN,
        )
        self._dataset.redemptions.append(double)
        self._store(double, {Factor.OFFLINE_DOUBLE: 1.0})
        self._open(use._replace(attempt=double), double.created_at)
        self._link_accounts(use.holder, at)

    def add_sampled(self, use: DemoUse) -> None:
        """Add the case of an attempt that was approved, and drawn for review a day later."""
        self._score(use)
        self._open(use, use.attempt.created_at + SAMPLED_AFTER, sampled=True)

    def _score(self, use: DemoUse, seen: ScanPlace | None = None) -> None:
        voucher, shop, at = use.voucher, self._cafe.row, use.attempt.created_at
        claimed_from = None
        if voucher.claim_latitude is not None and voucher.claim_longitude is not None:
            claimed_from = ScanPlace(voucher.claim_latitude, voucher.claim_longitude)
        used = [
            one
            for one in self._dataset.vouchers
            if one.user_id == use.holder.id and one.redeemed_at and one.redeemed_at < at
        ]
        attempt = ScoredAttempt(
            at=at,
            claimed_at=voucher.created_at,
            member_since=use.holder.created_at,
            shop=ScanPlace(shop.latitude, shop.longitude),
            seen=seen,
            claimed_from=claimed_from,
            redeemed=min(REGULAR, len(used)),
        )
        self._store(use.attempt, measure(attempt))

    def _store(self, attempt: Redemption, measures: dict[Factor, float]) -> None:
        found = score(measures, POLICY.rules)
        attempt.score, attempt.advised = found.total, POLICY.advise(found.total)
        attempt.measures = {str(factor): value for factor, value in measures.items()}
        attempt.counters = CounterState.COMPLETE
        attempt.scored_by_id = self._settings.id
        ids = [self._rng.uuid7_at(attempt.created_at) for _ in range(MOST_FACTORS)]
        for id, one in zip(ids, found.findings, strict=False):
            self._dataset.fraud_rows.append(
                RedemptionFactor(
                    id=id,
                    created_at=attempt.created_at,
                    redemption_id=attempt.id,
                    factor=one.factor,
                    points=one.points,
                    facts={"value": one.value, "limit": one.limit},
                )
            )

    def _open(
        self, use: DemoUse, at: datetime, *, effect: CaseEffect = CaseEffect.NONE, **values: Any
    ) -> None:
        case = FraudCase(
            id=self._rng.uuid7_at(at),
            created_at=at,
            redemption_id=use.attempt.id,
            vendor_id=self._cafe.row.id,
            user_id=use.holder.id,
            score=use.attempt.score or 0,
            effect=effect,
            review_until=at + timedelta(hours=POLICY.review_hours),
            **values,
        )
        self._dataset.fraud_rows.append(case)

    def _link_accounts(self, holder: User, at: datetime) -> None:
        """Let two accounts be on the holder's device, and a third pay with the holder's card."""
        neighbours = self._dataset.customers[self._cafe.city.name]
        one, two, three = [other for other in neighbours if other.id != holder.id][:3]
        self._share(LinkKind.DEVICE, at, holder, one, two)
        self._share(LinkKind.CARD, at, holder, three)

    def _share(self, kind: LinkKind, at: datetime, *users: User) -> None:
        hashed = self._rng.randbytes(32)
        self._dataset.fraud_rows += (
            IdentityLink(kind=kind, hash=hashed, user_id=user.id, first_at=at, last_at=at)
            for user in users
        )
