"""Every mutation of the domains of money, as those who may not use it.

The domains test theirs in more ways. Here none is missing: each is called without a session, by the
owner of another vendor, and by a member of the vendor without the right, and changes nothing.
"""

from typing import Any

import pytest
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from models.identity.accounts import User
from models.vendors import MemberRole
from resolvers.disputes import DisputeMutation
from resolvers.downloads import DownloadMutation
from resolvers.invoices import InvoiceMutation
from resolvers.ledger import LedgerMutation
from resolvers.packs import PackMutation
from resolvers.payments import PaymentMutation
from resolvers.payouts import PayoutMutation
from resolvers.purchases import PurchaseMutation
from resolvers.refunds import RefundMutation
from tests.client import Client, gid, unknown
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.ledger.test_adjust_ledger import proposal
from tests.resolvers.scene import Scene
from tests.resolvers.test_node import rows

DOMAINS = (
    DisputeMutation,
    DownloadMutation,
    InvoiceMutation,
    LedgerMutation,
    PackMutation,
    PaymentMutation,
    PayoutMutation,
    PurchaseMutation,
    RefundMutation,
)
KEY = {"idempotencyKey": "one"}
MONEY = {"amountMinor": 100, "currency": "INR"}
BY_TRANSFER = KEY | {"provider": "MANUAL"}
PRICES = [{"currency": "INR", "netMinor": 100, "taxBps": 0}]


class Inputs:
    """Valid inputs by mutation, about rows of the scene."""

    def __init__(self, scene: Scene, ids: dict[str, str]) -> None:
        self.scene, self.ids = scene, ids

    def of(self, name: str, node: str) -> dict[str, Any]:
        return {name: self.ids[node]}

    def owned(self) -> dict[str, dict[str, Any]]:
        """Return those of a customer's or a vendor's own rows."""
        vendor = {"vendorId": gid(self.scene.vendor)}
        pack, grant = self.of("packId", "Pack"), self.of("grantId", "DownloadGrant")
        variant = self.of("variantId", "Variant")
        asset, upload = self.of("assetId", "DigitalAsset"), {"uploadId": unknown("Upload")}
        order, purchase = self.of("orderId", "Order"), self.of("purchaseId", "Purchase")
        subscription = self.of("packSubscriptionId", "PackSubscription")
        bank = {"rail": "BANK_FILE", "holder": "A", "bankCode": "HDFC0000001"}
        return {
            "retryPayment": order | BY_TRANSFER,
            "checkPayment": order,
            "savePaymentMethod": self.of("paymentId", "Payment"),
            "removePaymentMethod": self.of("paymentMethodId", "PaymentMethod"),
            "acceptRefundToWallet": self.of("refundPartId", "RefundPart") | KEY,
            "answerDispute": self.of("disputeId", "Dispute") | {"explanation": "It came."} | KEY,
            "sendInvoice": self.of("invoiceId", "Invoice") | KEY,
            "topUpWallet": vendor | MONEY | BY_TRANSFER | {"amountMinor": 100_00},
            "payPurchase": purchase | BY_TRANSFER,
            "cancelPurchase": purchase,
            "buyPack": vendor | pack | BY_TRANSFER,
            "subscribeToPack": vendor | pack | KEY,
            "changePackSubscription": subscription | pack | KEY,
            "cancelPackSubscription": subscription,
            "resumePackSubscription": subscription,
            "createDownloadLink": grant,
            "revokeDownload": grant | KEY,
            "resetDownloads": grant | KEY | {"downloads": 1},
            "addDigitalAsset": variant | upload | KEY,
            "replaceDigitalAsset": asset | upload,
            "removeDigitalAsset": asset,
            "importLicenseKeys": variant | KEY | {"keys": ["A"]},
            "removeLicenseKeys": variant | {"keyIds": [self.ids["LicenseKey"]]},
            "startPayoutOnboarding": vendor | {"rail": "BANK_FILE"},
            "setPayoutAccount": vendor | bank | KEY | {"accountNumber": "50100123456789"},
            "closePayoutAccount": vendor,
            "requestPayout": vendor | KEY,
            "cancelPayout": self.of("payoutId", "Payout"),
            "payDebt": vendor | BY_TRANSFER,
            "setPayoutSchedule": vendor | {"schedule": "DAILY"},
        }

    def of_admins(self) -> dict[str, dict[str, Any]]:
        vendor = {"vendorId": gid(self.scene.vendor)}
        part = self.of("refundPartId", "RefundPart") | {"reference": "UTR-1"} | KEY
        file, payout = self.of("payoutFileId", "PayoutFile"), self.of("payoutId", "Payout") | KEY
        order, purchase = self.of("orderId", "Order"), self.of("purchaseId", "Purchase")
        line = self.of("providerTransactionId", "ProviderTransaction")
        adjustment = self.of("adjustmentId", "LedgerAdjustment")
        customer = {"owner": {"userId": gid(self.scene.customer)}}
        paid, why = MONEY | KEY | {"reference": "UTR-1"}, {"reason": "Sorry"}
        titles = {"title": [{"locale": "en", "text": "Pack"}], "unit": "OFFER"}
        return {
            "recordPayment": order | paid,
            "recordPurchasePayment": purchase | paid,
            "refundPurchase": purchase | KEY,
            "replayWebhook": self.of("webhookEventId", "WebhookEvent"),
            "settleRefund": part,
            "settleStuckRefund": part,
            "acceptDispute": self.of("disputeId", "Dispute") | KEY,
            "grantOrderRefund": order | why | KEY | {"amountMinor": 100},
            "adjustLedger": proposal(self.scene.customer),
            "grantPromoMoney": customer | MONEY | why | KEY | {"validDays": 30},
            "recordTaxPayment": paid | why | {"tax": "TDS_DUE"},
            "approveLedgerAdjustment": adjustment,
            "rejectLedgerAdjustment": adjustment,
            "createPack": titles | KEY | {"unitCount": 1, "periodDays": 30, "prices": PRICES},
            "updatePack": self.of("packId", "Pack"),
            "retirePack": self.of("packId", "Pack"),
            "restorePack": self.of("packId", "Pack"),
            "setPacksRequired": vendor | {"required": False},
            "createPayoutFile": KEY | {"currency": "INR"},
            "approvePayoutFile": file | KEY,
            "cancelPayoutFile": file,
            "createPayoutFileLink": file,
            "markPayoutPaid": payout | {"reference": "UTR-1"},
            "markPayoutReturned": payout | why,
            "confirmPayoutReturn": payout,
            "rejectPayoutReturn": self.of("payoutId", "Payout"),
            "setReserve": vendor | {"bps": 0, "days": 0},
            "writeOffVendorDebt": vendor | MONEY | why | KEY,
            "resolveDiscrepancy": line | KEY | {"note": "One"},
            "reopenDiscrepancy": line,
        }


@pytest.fixture
async def scene(world: World) -> Scene:
    return await Scene.make(world)


@pytest.fixture
async def inputs(scene: Scene) -> Inputs:
    return Inputs(scene, {name: gid(row, name) for name, row in (await rows(scene)).items()})


async def test_no_mutation_is_missing(inputs: Inputs) -> None:
    fields = {
        to_camel_case(field.python_name)
        for domain in DOMAINS
        for field in get_object_definition(domain, strict=True).fields
    }
    assert inputs.owned().keys() | inputs.of_admins().keys() == fields


async def test_without_a_session(api: Client, inputs: Inputs) -> None:
    for name, given in (inputs.owned() | inputs.of_admins()).items():
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"], name


async def wrong_users(world: World, scene: Scene) -> dict[str, User]:
    return {
        "the owner of another vendor": scene.stranger,
        "a member without the right": await new_member(world, scene.vendor, MemberRole.SCANNER),
    }


async def test_what_belongs_to_others(
    world: World, api: Client, scene: Scene, inputs: Inputs
) -> None:
    for who, user in (await wrong_users(world, scene)).items():
        client = api.signed_in(user)
        for name, given in inputs.owned().items():
            assert await client.refusal_codes(name, given) == ["NOT_FOUND"], (name, who)


async def test_what_is_for_admins(world: World, api: Client, scene: Scene, inputs: Inputs) -> None:
    """The customer has a second factor, which some ask for before anything else."""
    wrong = await wrong_users(world, scene)
    for user in (scene.owner, scene.customer, *wrong.values()):
        client = api.signed_in(user)
        for name, given in inputs.of_admins().items():
            codes = await client.mutation_failed(name, given)
            if user is scene.customer and not codes:
                codes = await client.refusal_codes(name, given)
                assert codes == ["STEP_UP_REQUIRED"], name
            else:
                assert codes == ["FORBIDDEN"], name
