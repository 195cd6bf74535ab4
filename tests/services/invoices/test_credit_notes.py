"""All credit notes of a part together are the document that they correct, to the minor unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import Range

from core.ids import new_id
from models.identity.accounts import User
from models.invoices.content import InvoiceSums
from models.orders.lines import LineKind, LineTax, OrderLine
from models.orders.orders import Order, SubOrder
from models.payments.refunds import RefundAmount, RefundLine, RefundShare
from models.pricing.amounts import share
from models.pricing.discounts import FundedBy
from models.pricing.taxes import Rate, Rates, TaxComponent, Taxed, tax
from models.vendors import Vendor
from services.invoices.content.crediting import GivenBack, credit
from services.invoices.content.suborders import SoldPart, content_of

GST_18: Rates = (Rate(TaxComponent.CGST, 900), Rate(TaxComponent.SGST, 900))
GST_5: Rates = (Rate(TaxComponent.CGST, 250), Rate(TaxComponent.SGST, 250))
VAT_19: Rates = (Rate(TaxComponent.VAT, 1_900),)
CESS: Rates = (Rate(TaxComponent.CESS, 1_200), Rate(TaxComponent.IGST, 2_800))


def sell(
    amounts: Sequence[tuple[int, int, int, Rates]], *, inclusive: bool, shipping: int = 0
) -> SoldPart:
    """Return a part of lines by unit price, quantity, platform's discount and rates.

    Each line has so much `shipping`.
    """
    shop: dict[str, Any] = {"id": new_id(), "name": "Shop", "country": "IN", "locale": "en"}
    ids = [new_id() for _ in amounts]
    taxed = [
        Taxed(id, unit * quantity + shipping, rates)
        for id, (unit, quantity, _, rates) in zip(ids, amounts, strict=True)
    ]
    groups = tax(taxed, inclusive=inclusive)
    bases = {id: base for group in groups for id, base in group.lines.items()}
    lines, taxes = [], {}
    for place, (id, (unit, quantity, wanted, _)) in enumerate(zip(ids, amounts, strict=True)):
        base = bases[id]
        added = 0 if inclusive else base.tax
        off = min(wanted, unit * quantity)
        lines.append(
            OrderLine(
                id=id,
                suborder_id=new_id(),
                position=place,
                kind=LineKind.GOODS,
                ref_id=new_id(),
                locale="en",
                title={"en": f"Thing {place}"},
                quantity=quantity,
                unit=unit,
                goods=unit * quantity,
                shipping=shipping,
                platform_discount=off,
                taxable=base.taxable,
                tax=base.tax,
                tax_added=added,
                rounding=base.rounding,
                total=unit * quantity + shipping - off + added,
            )
        )
        taxes[id] = [
            LineTax(
                line_id=id,
                component=rate.component,
                rate_bps=rate.bps,
                taxable=base.taxable,
                tax=amount,
            )
            for rate, amount in base.taxes.items()
        ]
    order: dict[str, Any] = {"id": new_id(), "number": "7QX4M2K9", "currency": "INR"}
    buyer: dict[str, Any] = {"id": new_id(), "name": "Asha", "locale": "en"}
    part: dict[str, Any] = {"id": new_id()}
    return SoldPart(
        Order(**order), SubOrder(**part), Vendor(**shop), User(**buyer), lines, taxes, []
    )


@dataclass
class PiecewiseRefund:
    """A part that is refunded piece by piece, by the rules of refunds."""

    sold: SoldPart
    pieces: list[tuple[OrderLine, int, int]]
    left: int
    delivery: bool = True
    goodwill: int = 0  # of the platform
    withheld: int = 0

    def units(self, number: int) -> GivenBack:
        """Return some units, which bring back at most what is left."""
        taken, self.pieces = self.pieces[:number], self.pieces[number:]
        lines, before = [], min(self.goodwill, self.withheld)
        for line, start, stop in taken:
            full = line.amount_of(start, stop, delivery=self.delivery)
            amount = min(full, self.left)
            self.left -= amount
            self.withheld += full - amount
            lines.append(
                RefundLine(
                    refund_id=UUID(int=1),
                    suborder_id=line.suborder_id,
                    line_id=line.id,
                    units=Range(start, stop),
                    amount=amount,
                    tax=0,
                    withheld=full - amount,
                )
            )
        return GivenBack(lines, repaid=min(self.goodwill, self.withheld) - before)

    def deliver_back(self) -> GivenBack:
        whole = sum(line.delivery_of(start, stop) for line, start, stop in self.pieces)
        if not self.delivery or not 0 < whole <= self.left:
            return GivenBack([])
        self.delivery = False
        return self._extra(RefundShare.DELIVERY, whole)

    def reduce(self, amount: int, borne_by: FundedBy) -> GivenBack:
        amount = min(amount, self.left)
        if borne_by is FundedBy.VENDOR and amount:
            return self._extra(RefundShare.GOODWILL, amount)
        self.goodwill += amount
        self.left -= amount
        return GivenBack([])

    def _extra(self, share: RefundShare, amount: int) -> GivenBack:
        self.left -= amount
        extra = RefundAmount(
            refund_id=UUID(int=1), suborder_id=UUID(int=2), share=share, amount=amount, tax=0
        )
        return GivenBack([], [extra])


LINES = st.lists(
    st.tuples(
        st.integers(0, 100_000),
        st.integers(1, 7),
        st.integers(0, 3_000),
        st.sampled_from([GST_18, GST_5, VAT_19, CESS, ()]),
    ),
    min_size=1,
    max_size=6,
)


@given(LINES, st.booleans(), st.sampled_from([0, 499, 5_000]), st.randoms(use_true_random=False))
def test_refunds_in_any_order_credit_exactly_what_was_invoiced(
    amounts: list[tuple[int, int, int, Rates]], inclusive: bool, shipping: int, random: Any
) -> None:
    """Of units, of the delivery alone, and goodwill. That of the platform is no credit note."""
    sold = sell(amounts, inclusive=inclusive, shipping=shipping)
    invoiced = content_of(sold, inclusive=inclusive)
    whole = InvoiceSums.of(invoiced.groups, sum(one.platform_discount for one in sold.lines))
    assert whole.total == sum(line.total for line in sold.lines), "what the buyer paid"
    pieces = []
    for line in sold.lines:
        cuts = sorted({0, line.quantity, *random.sample(range(line.quantity + 1), 1)})
        pieces += [(line, *units) for units in pairwise(cuts)]
    random.shuffle(pieces)
    refund = PiecewiseRefund(sold, pieces, whole.total)
    earlier = [0] * len(invoiced.groups)
    sums: list[InvoiceSums] = []
    while refund.pieces:
        amount = random.choice([1, 2, 777, whole.total // 3])
        given = random.choice(
            [
                partial(refund.units, 2),
                refund.deliver_back,
                partial(refund.reduce, amount, FundedBy.VENDOR),
                partial(refund.reduce, amount, FundedBy.PLATFORM),
            ]
        )()
        content, discount = credit(sold, invoiced, given, earlier)
        own = InvoiceSums.of(content.groups, discount)
        sums.append(own)
        of_vendor = sum(one.amount for one in (*given.lines, *given.extras)) + given.repaid
        assert own.total == of_vendor, "what the vendor gives back"
        borne = refund.goodwill - min(refund.goodwill, refund.withheld)
        assert whole.total - sum(one.total for one in sums) == refund.left + borne
        for place, group in enumerate(content.groups):
            lines = [line for line in content.lines if line.group == place]
            assert abs(group.rounding) <= 1
            assert group.taxable == sum(line.taxable for line in lines)
            assert group.tax == sum(line.tax for line in lines)
            assert group.gross == sum(line.gross for line in lines)
            by_component = {one.component: one.tax for one in group.taxes}
            if TaxComponent.CGST in by_component:
                assert by_component[TaxComponent.CGST] == by_component[TaxComponent.SGST]
            earlier[place] += group.gross
            assert earlier[place] <= invoiced.groups[place].gross
    assert refund.left == 0
    for name in ("taxable", "tax", "rounding", "platform_discount", "total"):
        assert sum(getattr(one, name) for one in sums) == getattr(whole, name), name


@given(LINES, st.booleans())
def test_a_tax_is_the_rounded_product_of_its_base_and_rate(
    amounts: list[tuple[int, int, int, Rates]], inclusive: bool
) -> None:
    content = content_of(sell(amounts, inclusive=inclusive), inclusive=inclusive)
    for place, group in enumerate(content.groups):
        assert abs(group.rounding) <= 1
        for one in group.taxes:
            assert one.tax == share(group.taxable, one.bps)
        lines = [line for line in content.lines if line.group == place]
        assert sum(line.taxable for line in lines) == group.taxable
        assert sum(line.tax for line in lines) == group.tax
