"""Documents of the platform: how its services are taxed, and what its purchases get."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlmodel import col, select

from core.clock import now
from core.settings import Settings
from models.invoices.content import InvoiceGroup, InvoiceParty
from models.invoices.invoices import Invoice
from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import Jurisdiction, Treatment
from models.purchases import Purchase, PurchaseKind, PurchaseState
from services.invoices.access import visible_invoices
from services.invoices.content.platform import Operator
from services.invoices.content.purchases import issue_purchase
from services.transaction import Transactions
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.world import World


async def invoices(world: World) -> Sequence[Invoice]:
    async with world.database.session() as session:
        return (await session.exec(select(Invoice).order_by(col(Invoice.number)))).all()


@pytest.mark.parametrize(
    ("recipient", "parts"),
    [
        (Jurisdiction("IN", "Karnataka"), [("CGST", 900, 90), ("SGST", 900, 90)]),
        (Jurisdiction("IN", "Kerala"), [("IGST", 1800, 180)]),
        (Jurisdiction("DE"), [("IGST", 1800, 180)]),
        (Jurisdiction("IN"), [("IGST", 1800, 180)]),
    ],
)
def test_the_components_of_a_service_follow_the_place_of_its_recipient(
    operator: Operator, recipient: Jurisdiction, parts: list[tuple[str, int, int]]
) -> None:
    group = operator.group(1_000, 180, recipient)
    assert [(one.component, one.bps, one.tax) for one in group.taxes] == parts
    assert group.rounding == 0
    rounded = operator.group(99, 18, recipient)
    assert rounded.bps == 1800, "amounts are rounded"
    odd = operator.group(105, 19, recipient, 1800)
    assert len({one.tax for one in odd.taxes}) == 1, "the halves are equal"
    assert odd.gross == 105 + 19
    small = operator.group(2, 0, recipient, 1800)
    assert (small.bps, small.tax) == (1800, 0), "it is taxed, although nothing is left of it"


GERMAN = InvoiceParty("Haat GmbH", "DE", tax_id="136695976")
TREATMENTS = [
    (GERMAN, InvoiceParty("A", "DE"), Treatment.TAXED),
    (GERMAN, InvoiceParty("A", "NL", tax_id="853746333B01"), Treatment.REVERSE_CHARGE),
    (GERMAN, InvoiceParty("A", "NL"), Treatment.TAXED),
    (GERMAN, InvoiceParty("A", "IN"), Treatment.EXPORT),
    (InvoiceParty("Haat", "DE"), InvoiceParty("A", "NL", tax_id="1"), Treatment.NOT_TAXED),
]


@pytest.mark.parametrize(("party", "recipient", "treatment"), TREATMENTS)
def test_untaxed_services_say_why(
    operator: Operator, party: InvoiceParty, recipient: InvoiceParty, treatment: Treatment
) -> None:
    platform = replace(operator, party=party)
    assert platform.treat([InvoiceGroup([], 1_000)], recipient) is treatment
    taxed = platform.group(1_000, 190, recipient.place)
    assert platform.treat([taxed], recipient) is Treatment.TAXED


def test_without_a_name_the_platform_issues_nothing(settings: Settings) -> None:
    assert Operator.of(settings) is None


OF_PURCHASE = "query ($id: ID!) { node(id: $id) { ... on Purchase { invoices { id } } } }"
KINDS = [
    (PurchaseKind.TOP_UP, 0, InvoiceKind.RECEIPT, True),
    (PurchaseKind.PACK, 180, InvoiceKind.TAX_INVOICE, False),
    (PurchaseKind.PACK, 0, InvoiceKind.BILL_OF_SUPPLY, False),
]


@pytest.mark.parametrize(("bought", "tax", "kind", "prepaid"), KINDS)
async def test_purchases_from_the_platform_get_a_document(
    world: World,
    transactions: Transactions,
    operator: Operator,
    api: Client,
    bought: PurchaseKind,
    tax: int,
    kind: InvoiceKind,
    prepaid: bool,
) -> None:
    user, vendor = await world.user(), await world.vendor(subdivision="Karnataka")
    is_pack = bought is PurchaseKind.PACK
    purchase = Purchase(
        user_id=user.id,
        owner_id=vendor.id if is_pack else user.id,
        kind=bought,
        ref_id=vendor.id if is_pack else None,
        currency="INR",
        net=1_000,
        tax=tax,
        total=1_000 + tax,
        hold_until=now(),
    )
    await world.save(purchase)
    async with transactions.begin() as session:
        assert await issue_purchase(session, world.sealer, operator, purchase.id) is None
        row = await session.get_one(Purchase, purchase.id)
        row.state, row.paid_at = PurchaseState.PAID, now()
    for _ in range(2):
        async with transactions.begin() as session:
            invoice = await issue_purchase(session, world.sealer, operator, purchase.id)
    assert invoice
    assert [one.id for one in await invoices(world)] == [invoice.id]
    assert (invoice.kind, invoice.details.is_prepayment) == (kind, prepaid)
    assert invoice.details.place_of_supply == (None if prepaid else "Karnataka (29)")
    of = (None, vendor.id) if is_pack else (user.id, None)
    assert (invoice.buyer_id, invoice.vendor_id) == of
    async with world.database.session() as session:
        seen = (await session.exec(visible_invoices(Viewer(user.id)))).all()
    assert len(seen) == (not is_pack), "who pays for a vendor may have left it"
    assert (invoice.taxable, invoice.tax, invoice.total) == (1_000, tax, 1_000 + tax)
    found = await api.signed_in(await world.admin()).ask(OF_PURCHASE, id=gid(purchase))
    assert found["node"] == {"invoices": [{"id": gid(invoice)}]}
