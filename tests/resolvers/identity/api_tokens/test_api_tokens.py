"""The permissions of an API token, and how its user sees it."""

from datetime import timedelta
from typing import Any

import pytest
from strawberry.relay import to_base64

from app import create_schema
from core.clock import now
from core.security.tokens import new_token
from core.settings import Settings
from engine.limits.cost import field_metadata
from models.scopes import ApiScope
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.counting import statements

VIEWER = "{ viewer { id } }"
OWN = "{ viewer { apiTokens { totalCount nodes { name prefix scopes lastUsedAt } } } }"
VENDOR, INVITATION, MEMBER, APPLICATION, CATEGORY, USER, VARIANT = (
    to_base64(name, "x")
    for name in (
        "Vendor",
        "MemberInvitation",
        "Member",
        "VendorApplication",
        "Category",
        "User",
        "Variant",
    )
)
APPLY = (
    f'{{name: "x", categoryId: "{CATEGORY}", country: IN, latitude: 1, longitude: 1,'
    ' address: {streetLines: ["x"], city: "x", postalCode: "x"}, timeZone: "Asia/Kolkata",'
    ' currency: INR, taxId: "x", documentUploadIds: [], idempotencyKey: "x"}'
)
BANK = 'rail: BANK_FILE, holder: "x", idempotencyKey: "x"'
DEBT = 'amountMinor: 1, currency: "INR", reason: "x", idempotencyKey: "x"'
FILE, PAYOUT = to_base64("PayoutFile", "x"), to_base64("Payout", "x")
FRAUD_CASE, GIFT = to_base64("FraudCase", "x"), to_base64("VoucherGift", "x")
ADJUSTMENT_ID = to_base64("LedgerAdjustment", "x")
ADJUSTMENT = (
    f'{{owner: {{userId: "{USER}"}}, debit: BANK, credit: WALLET, amountMinor: 1, currency: INR,'
    ' reason: "x", idempotencyKey: "x"}'
)
PROMO = (
    f'{{owner: {{userId: "{USER}"}}, amountMinor: 1, currency: INR, validDays: 1, reason: "x",'
    ' idempotencyKey: "x"}'
)
SEARCH = to_base64("SavedSearch", "x")
TAX = (
    '{tax: TDS_DUE, amountMinor: 1, currency: INR, reason: "x", reference: "x",'
    ' idempotencyKey: "x"}'
)
PERSONAL = [
    f'registerScanner(input: {{vendorId: "{VENDOR}", name: "x"}})',
    f'revokeScanner(input: {{scannerId: "{to_base64("Scanner", "x")}"}})',
    'placeOrder(input: {checkoutId: "x", expectedTotalMinor: 1, idempotencyKey: "x"})',
    'cancelOrder(input: {orderId: "x", idempotencyKey: "x"})',
    'reorder(input: {orderId: "x"})',
    f'sharePet(input: {{petId: "{to_base64("Pet", "x")}", vendorId: "{VENDOR}"}})',
    f'unsharePet(input: {{petId: "{to_base64("Pet", "x")}", vendorId: "{VENDOR}"}})',
    'sendInvoice(input: {invoiceId: "x", idempotencyKey: "x"})',
    'withdrawReturn(input: {returnId: "x"})',
    'requestReturn(input: {suborderId: "x", lines: [], reason: "x", idempotencyKey: "x"})',
    'confirmDelivery(input: {suborderId: "x"})',
    'cancelOrderLines(input: {orderId: "x", lines: [], reason: "x", idempotencyKey: "x"})',
    'createCheckout(input: {currency: "INR"})',
    'setCheckoutAddress(input: {checkoutId: "x"})',
    f'chooseDelivery(input: {{checkoutId: "x", vendorId: "{VENDOR}", rateId: "x"}})',
    'applyPromoCode(input: {checkoutId: "x", code: "A"})',
    'removePromoCode(input: {checkoutId: "x", promoCodeId: "x"})',
    'useWallet(input: {checkoutId: "x", amountMinor: 1})',
    'discardCheckout(input: {checkoutId: "x"})',
    "acceptCartPrices(input: {})",
    f'addToCart(input: {{variantId: "{VARIANT}", quantity: 1, idempotencyKey: "x"}})',
    "clearCart(input: {})",
    "mergeCart(input: {lines: []})",
    f'setCartLine(input: {{variantId: "{VARIANT}", quantity: 1}})',
    'acceptAdminInvitation(input: {token: "x", password: "x"})',
    'changeEmail(input: {email: "x"})',
    'changePassword(input: {current: "x", password: "x"})',
    'changePhone(input: {phone: "x"})',
    'confirmPhone(input: {challengeId: "x", code: "x"})',
    'confirmSecondFactor(input: {challengeId: "x", totp: "x"})',
    'confirmTotp(input: {code: "x"})',
    'createAddress(input: {country: "IN", recipient: "", streetLines: [], idempotencyKey: ""})',
    f'deleteAddress(input: {{addressId: "{to_base64("SavedAddress", "x")}"}})',
    f'setDefaultAddress(input: {{addressId: "{to_base64("SavedAddress", "x")}"}})',
    f'updateAddress(input: {{addressId: "{to_base64("SavedAddress", "x")}"}})',
    'createApiToken(input: {name: "x", scopes: [READ]})',
    "createCalendarFeed(input: {scope: MINE})",
    "updatePersonalOffers(input: {enabled: false})",
    'saveSearch(input: {name: "x", conditions: {search: "tea"}})',
    f'updateSavedSearch(input: {{savedSearchId: "{SEARCH}"}})',
    f'deleteSavedSearch(input: {{savedSearchId: "{SEARCH}"}})',
    f'markSavedSearchSeen(input: {{savedSearchId: "{SEARCH}"}})',
    f'createDisplay(input: {{vendorId: "{to_base64("Vendor", "x")}", name: "x"}})',
    f'revokeCalendarFeed(input: {{feedId: "{to_base64("CalendarFeed", "x")}"}})',
    "disableTotp",
    "enableTotp",
    'linkProvider(input: {flow: "x", codeVerifier: "x"})',
    'logIn(input: {email: "x", password: "x"})',
    'logInWithCode(input: {challengeId: "x", code: "x"})',
    'logInWithPasskey(input: {challengeId: "x", credential: "x"})',
    'logInWithProvider(input: {flow: "x", codeVerifier: "x"})',
    "logOut(input: {})",
    'reauthenticate(input: {password: "x"})',
    "regenerateRecoveryCodes",
    'refreshSession(input: {refreshToken: "x"})',
    'register(input: {email: "x", name: "x", password: "x"})',
    'registerDevice(input: {token: "x", platform: WEB})',
    'registerPasskey(input: {challengeId: "x", credential: "x", name: "x"})',
    f'removePasskey(input: {{passkeyId: "{to_base64("Passkey", "x")}"}})',
    f'renamePasskey(input: {{passkeyId: "{to_base64("Passkey", "x")}", name: "x"}})',
    f'removeDevice(input: {{deviceId: "{to_base64("Device", "x")}"}})',
    f'removeTaxRegistration(input: {{taxRegistrationId: "{to_base64("TaxRegistration", "x")}"}})',
    f'setTaxRegistration(input: {{vendorId: "{VENDOR}", country: DE, kind: NONE}})',
    'requestLoginCode(input: {phone: "x"})',
    'requestPasswordReset(input: {email: "x"})',
    'resendVerification(input: {registrationSecret: "x"})',
    'resetPassword(input: {token: "x", password: "x"})',
    "revokeOtherSessions(input: {})",
    f'revokeSession(input: {{sessionId: "{to_base64("UserSession", "x")}"}})',
    f'revokeApiToken(input: {{apiTokenId: "{to_base64("ApiToken", "x")}"}})',
    'undoChange(input: {token: "x"})',
    'requestMailCode(input: {challengeId: "x"})',
    "startPasskey(input: {purpose: LOG_IN})",
    "switchRole(input: {})",
    'startProvider(input: {provider: GOOGLE, purpose: LINK, redirectUrl: "", codeChallenge: ""})',
    f'unlinkProvider(input: {{providerIdentityId: "{to_base64("ProviderIdentity", "x")}"}})',
    "updateNotificationPreferences(input: {})",
    "updateProfile(input: {})",
    'verifyEmail(input: {token: "x"})',
    'acceptInvitation(input: {token: "x"})',
    'declineInvitation(input: {token: "x"})',
    f'inviteMember(input: {{vendorId: "{VENDOR}", email: "x", role: STAFF}})',
    f'resendInvitation(input: {{invitationId: "{INVITATION}"}})',
    f'revokeInvitation(input: {{invitationId: "{INVITATION}"}})',
    f'changeMemberRole(input: {{memberId: "{MEMBER}", role: STAFF}})',
    f'removeMember(input: {{memberId: "{MEMBER}"}})',
    f'leaveVendor(input: {{vendorId: "{VENDOR}"}})',
    f'withdrawApplication(input: {{applicationId: "{APPLICATION}"}})',
    f'resubmitApplication(input: {{applicationId: "{APPLICATION}", revision: 1}})',
    f"applyAsVendor(input: {APPLY})",
    f'addVendorMember(input: {{vendorId: "{VENDOR}", user: {{id: "{USER}"}}, role: STAFF}})',
    f'removeVendorMember(input: {{vendorId: "{VENDOR}", userId: "{USER}"}})',
    "exportMyData",
    'downloadMyData(input: {token: "x"})',
    "deleteMyAccount(input: {confirm: true})",
    'cancelAccountDeletion(input: {token: "x"})',
    f'suspendUser(input: {{userId: "{USER}", reason: "x"}})',
    f'restoreUser(input: {{userId: "{USER}"}})',
    f'grantAdmin(input: {{userId: "{USER}"}})',
    f'revokeAdmin(input: {{userId: "{USER}"}})',
    f'impersonateUser(input: {{userId: "{USER}", reason: "x", minutes: 1}})',
    "endImpersonation(input: {})",
    f"adjustLedger(input: {ADJUSTMENT})",
    f"grantPromoMoney(input: {PROMO})",
    f"recordTaxPayment(input: {TAX})",
    'topUpWallet(input: {amountMinor: 1, currency: INR, provider: MANUAL, idempotencyKey: "x"})',
    'payPurchase(input: {purchaseId: "x", provider: MANUAL, idempotencyKey: "x"})',
    'cancelPurchase(input: {purchaseId: "x"})',
    f'buyPack(input: {{vendorId: "{VENDOR}", packId: "x", idempotencyKey: "x"}})',
    f'subscribeToPack(input: {{vendorId: "{VENDOR}", packId: "x", idempotencyKey: "x"}})',
    'changePackSubscription(input: {packSubscriptionId: "x", packId: "x", idempotencyKey: "x"})',
    'cancelPackSubscription(input: {packSubscriptionId: "x"})',
    'resumePackSubscription(input: {packSubscriptionId: "x"})',
    'refundPurchase(input: {purchaseId: "x", idempotencyKey: "x"})',
    f'approveLedgerAdjustment(input: {{adjustmentId: "{ADJUSTMENT_ID}"}})',
    f'rejectLedgerAdjustment(input: {{adjustmentId: "{ADJUSTMENT_ID}"}})',
    f'cancelPayout(input: {{payoutId: "{PAYOUT}"}})',
    f'requestPayout(input: {{vendorId: "{VENDOR}", idempotencyKey: "x"}})',
    f'setPayoutSchedule(input: {{vendorId: "{VENDOR}", schedule: DAILY}})',
    f'closePayoutAccount(input: {{vendorId: "{VENDOR}"}})',
    f'startPayoutOnboarding(input: {{vendorId: "{VENDOR}", rail: STRIPE}})',
    f'setPayoutAccount(input: {{vendorId: "{VENDOR}", {BANK}}})',
    f'writeOffVendorDebt(input: {{vendorId: "{VENDOR}", {DEBT}}})',
    'createPayoutFile(input: {currency: "INR", idempotencyKey: "x"})',
    f'approvePayoutFile(input: {{payoutFileId: "{FILE}", idempotencyKey: "x"}})',
    f'cancelPayoutFile(input: {{payoutFileId: "{FILE}"}})',
    f'createPayoutFileLink(input: {{payoutFileId: "{FILE}"}})',
    f'markPayoutPaid(input: {{payoutId: "{PAYOUT}", reference: "x", idempotencyKey: "x"}})',
    f'markPayoutReturned(input: {{payoutId: "{PAYOUT}", reason: "x", idempotencyKey: "x"}})',
    f'confirmPayoutReturn(input: {{payoutId: "{PAYOUT}", idempotencyKey: "x"}})',
    f'rejectPayoutReturn(input: {{payoutId: "{PAYOUT}"}})',
    f'payDebt(input: {{vendorId: "{VENDOR}", provider: MANUAL, idempotencyKey: "x"}})',
    f'viewProduct(input: {{productId: "{to_base64("Product", "x")}"}})',
    "clearViewedProducts",
    'acceptRefundToWallet(input: {refundPartId: "x", idempotencyKey: "x"})',
    'acceptDispute(input: {disputeId: "x", idempotencyKey: "x"})',
    'answerDispute(input: {disputeId: "x", explanation: "x", idempotencyKey: "x"})',
    'checkPayment(input: {orderId: "x"})',
    'retryPayment(input: {orderId: "x", provider: MANUAL, idempotencyKey: "x"})',
    'savePaymentMethod(input: {paymentId: "x"})',
    'removePaymentMethod(input: {paymentMethodId: "x"})',
    f'addDigitalAsset(input: {{variantId: "{VARIANT}", uploadId: "x", idempotencyKey: "x"}})',
    'replaceDigitalAsset(input: {assetId: "x", uploadId: "x"})',
    'removeDigitalAsset(input: {assetId: "x"})',
    f'importLicenseKeys(input: {{variantId: "{VARIANT}", keys: [], idempotencyKey: "x"}})',
    f'removeLicenseKeys(input: {{variantId: "{VARIANT}", keyIds: []}})',
    'createDownloadLink(input: {grantId: "x"})',
    'resetDownloads(input: {grantId: "x", downloads: 1, idempotencyKey: "x"})',
    'revokeDownload(input: {grantId: "x", idempotencyKey: "x"})',
    f'takeFraudCase(input: {{caseId: "{FRAUD_CASE}"}})',
    f'addFraudCaseNote(input: {{caseId: "{FRAUD_CASE}", text: "x"}})',
    f'decideFraudCase(input: {{caseId: "{FRAUD_CASE}", decision: APPROVED, confirmed: []}})',
    "updateFraudSettings(input: {settings: {fraudMode: ACT}, baseVersion: 0})",
    f'giftVoucher(input: {{voucherId: "{to_base64("Voucher", "x")}", idempotencyKey: "x"}})',
    f'withdrawGift(input: {{giftId: "{GIFT}"}})',
    f'acceptGift(input: {{gift: {{giftId: "{GIFT}"}}, idempotencyKey: "x"}})',
    f'declineGift(input: {{gift: {{giftId: "{GIFT}"}}}})',
]


async def like(world: World) -> str:
    offer = await world.offer(await world.vendor())
    return f'mutation {{ likeOffer(input: {{offerId: "{gid(offer)}"}}) {{ errors {{ code }} }} }}'


async def refusal(client: Client, document: str) -> tuple[str, str]:
    """Return the code and message of an operation that was not executed."""
    answer = await client.send(document)
    (error,) = answer["errors"]
    assert "data" not in answer
    detail = error["extensions"].get("detail", "")
    return error["extensions"]["code"], f"{error['message']} {detail}".strip()


async def test_a_token_acts_as_its_user(world: World, api: Client) -> None:
    user = await world.user()
    _, secret = await world.api_token(user)
    client = api.bearing(secret)
    assert await client.ask(VIEWER) == {"viewer": {"id": gid(user)}}
    assert (await client.ask(await like(world)))["likeOffer"] == {"errors": []}


async def test_a_token_to_read_cannot_write(world: World, api: Client) -> None:
    _, secret = await world.api_token(await world.user(), ApiScope.READ)
    client = api.bearing(secret)
    assert await client.failed(VIEWER) == []
    refused = await refusal(client, await like(world))
    assert refused == (
        "SCOPE_MISSING",
        "This API token does not have the scope OFFERS_WRITE. Use one that does.",
    )


async def test_a_token_to_write_cannot_read(world: World, api: Client) -> None:
    """It still reads what its mutations answer."""
    _, secret = await world.api_token(await world.user(), ApiScope.WRITE)
    client = api.bearing(secret)
    assert (await client.ask(await like(world)))["likeOffer"] == {"errors": []}
    message = "Dieses API-Token hat den Scope VENDORS_READ nicht. Verwende eines, das ihn hat."
    vendors = "{ vendors { totalCount } }"
    assert await refusal(client.reading("de"), vendors) == ("SCOPE_MISSING", message)


@pytest.mark.parametrize("field", PERSONAL)
@pytest.mark.parametrize("around", ["{}", "... {{ {} }}", "...Inside"])
async def test_a_token_does_nothing_to_the_account(
    world: World, api: Client, field: str, around: str
) -> None:
    _, secret = await world.api_token(await world.user())
    selected = f"{field} {{ errors {{ code }} }}"
    document = f"mutation {{ {around.format(selected)} }}"
    if around == "...Inside":
        document += f" fragment Inside on Mutation {{ {selected} }}"
    code, message = await refusal(api.bearing(secret), document)
    assert (code, field.partition("(")[0] in message) == ("FORBIDDEN", True)


def test_personal_fields() -> None:
    mutations: Any = create_schema(Settings())._schema.mutation_type
    personal = {
        name for name, field in mutations.fields.items() if field_metadata(field)["personal"]
    }
    assert personal == {field.partition("(")[0] for field in PERSONAL}


async def test_an_invalid_token(world: World, api: Client) -> None:
    user = await world.user()
    made = now() - timedelta(days=2)
    _, ended = await world.api_token(user, created_at=made, expires_at=now() - timedelta(1))
    _, revoked = await world.api_token(user, revoked_at=now())
    _, sound = await world.api_token(user)
    for token in (ended, revoked, new_token(), f"{sound}x", sound[:-1], "haat_\u0000"):
        client = api.bearing(token.encode("ascii", "replace").decode())
        assert await client.failed(VIEWER) == ["UNAUTHENTICATED"]
        assert await client.ask("{ vendors { totalCount } }") == {"vendors": {"totalCount": 0}}


async def test_an_unused_token_lapses(world: World, api: Client) -> None:
    user, day = await world.user(), timedelta(days=1)
    made, end = now() - 200 * day, now() + day
    for used, fails in ((None, True), (now() - 91 * day, True), (now() - 89 * day, False)):
        _, secret = await world.api_token(user, created_at=made, expires_at=end, last_used_at=used)
        assert await api.bearing(secret).failed(VIEWER) == ["UNAUTHENTICATED"] * fails
    _, recent = await world.api_token(user, created_at=now() - 89 * day, expires_at=end)
    assert await api.bearing(recent).failed(VIEWER) == []


async def test_a_token_ends_in_time(world: World, api: Client) -> None:
    _, secret = await world.api_token(await world.user(), expires_at=now() + timedelta(days=1))
    assert await api.bearing(secret).failed(VIEWER) == []


async def test_an_api_token_of_an_admin_has_no_admin_rights(world: World, api: Client) -> None:
    admin, other = await world.admin(), await world.user()
    _, secret = await world.api_token(admin)
    node = f'{{ node(id: "{gid(other)}") {{ id }} }}'
    assert await api.signed_in(admin).ask(node) != {"node": None}
    assert await api.bearing(secret).ask(node) == {"node": None}


async def test_api_tokens_are_seen_by_their_user(world: World, api: Client) -> None:
    user = await world.user()
    _, first = await world.api_token(user, ApiScope.READ, name="first")
    await world.api_token(user, name="second")
    await world.api_token(await world.user())
    seen = (await api.signed_in(user).ask(OWN))["viewer"]["apiTokens"]
    assert seen["totalCount"] == 2
    assert [node["name"] for node in seen["nodes"]] == ["second", "first"]
    assert seen["nodes"][1] == {
        "name": "first",
        "prefix": first[:9],
        "scopes": ["READ"],
        "lastUsedAt": None,
    }


async def test_api_tokens_are_not_seen_by_a_program(world: World, api: Client) -> None:
    user = await world.user()
    token, secret = await world.api_token(user)
    client = api.bearing(secret)
    assert (await client.ask(OWN))["viewer"]["apiTokens"] == {"totalCount": 0, "nodes": []}
    assert await client.ask(f'{{ node(id: "{gid(token)}") {{ id }} }}') == {"node": None}


async def test_the_use_of_a_token_is_noted_every_five_minutes(world: World, api: Client) -> None:
    token, secret = await world.api_token(await world.user())
    await api.bearing(secret).ask(VIEWER)
    noted = (await world.fresh(token)).last_used_at
    assert now() - timedelta(minutes=1) < noted <= now()
    await api.bearing(secret).ask(VIEWER)
    assert (await world.fresh(token)).last_used_at == noted
    for minutes, changes in ((4, False), (6, True)):
        old = now() - timedelta(minutes=minutes)
        token, secret = await world.api_token(await world.user(), last_used_at=old)
        await api.bearing(secret).ask(VIEWER)
        assert ((await world.fresh(token)).last_used_at > old) is changes


async def test_a_token_takes_one_statement_and_an_access_token_none(
    world: World, api: Client
) -> None:
    user = await world.user()
    _, secret = await world.api_token(user, last_used_at=now())
    asked = "{ __typename }"
    assert await statements(api.signed_in(user), asked) == []
    (looked_up,) = await statements(api.bearing(secret), asked)
    assert "api_token.token_hash" in looked_up
    assert await statements(api.bearing(f"{secret[:-1]}_"), asked) == []
