"""Text from callers: every text field has a type that cleans it, and each type refuses the same."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlmodel import SQLModel

import models.registry  # noqa: F401
from core.errors import BadInput, UserMessage
from models.errors import InvalidInput
from models.text import MAX_MARKS, Identifier, Name, OneLine, Paragraphs
from models.validation import parse
from tests.domains import of_domains

CODE = "a code that the server makes or knows"
CHECKED = "only listed values pass"
SECRET = "a secret: it is compared or hashed, never shown"
COPY = "copied from a row whose text has a type"
DERIVED = "made by the server of other columns"
# Fields of text without a type, with the reason.
SIGNED = "verified by its signature and not stored"
EXEMPT = {
    "Vendor.position": DERIVED,
    "VendorPatch.slug": CODE,
    "VendorSlug.slug": CODE,
    "AdminAcceptance.factor_code": SECRET,
    "AdminAcceptance.name": "parsed again as a NewAdmin, if the account is new",
    "AdminAcceptance.password": SECRET,
    "AdminAcceptance.token": SECRET,
    "ApiToken.prefix": CODE,
    "ApplicationPatch.time_zone": CHECKED,
    "AuditEntry.code": CODE,
    "AuditEntry.network": CODE,
    "AuditEntry.request_id": "a UUID",
    "Payout.currency": CHECKED,
    "PayoutAccount.currency": CHECKED,
    "PayoutFile.currency": CHECKED,
    "ProviderTransaction.currency": CHECKED,
    "SuborderRelease.currency": CHECKED,
    "VendorDebt.currency": CHECKED,
    "PayoutAccount.country": CHECKED,
    "PayoutAccount.last4": "letters and digits",
    "BankDraft.account_number": "digits, checked by `ensure_for`",
    "BankDraft.bank_code": "letters and digits, checked by `ensure_for`",
    "BankDraft.iban": "checked by `ensure_for`",
    "PayoutAccount.bank_code": "letters and digits",
    "ProviderTransaction.external_id": "an id of the provider",
    "ProviderTransaction.posting": CODE,
    "ProviderTransaction.source": "an id of the provider",
    "Category.path": CODE,
    "Category.slug": CODE,
    "CategoryDraft.slug": "the pattern of Slug",
    "CategoryPatch.slug": "the pattern of Slug",
    "Delivery.error": "written by the server",
    "Dispute.currency": CHECKED,
    "Dispute.reason": "written by the provider",
    "DisputeEvidence.carrier": "parsed before as an EvidenceDraft",
    "DisputeEvidence.explanation": "parsed before as an EvidenceDraft, or written by the server",
    "DisputeEvidence.tracking_number": "parsed before as an EvidenceDraft",
    "RefundPart.error": "written by the provider or the server",
    "Delivery.provider_id": "an id of the provider",
    "Device.token": "printable ASCII",
    "DeviceRegistration.token": "printable ASCII",
    "DiscountDraft.currency": CHECKED,
    "EmailChangeDraft.email": "validated as an address",
    "NewPasswordByLink.password": SECRET,
    "NewPasswordByLink.token": SECRET,
    "PasswordChange.current": SECRET,
    "PasswordChange.password": SECRET,
    "PasswordResetDraft.email": "validated as an address",
    "PhoneDraft.phone": "a phone number",
    "PhoneProof.challenge_id": SECRET,
    "PhoneProof.code": SECRET,
    "PictureSizes.blurhash": "written by the server",
    "ProviderFlow.code_challenge": CODE,
    "ProviderFlow.issuer": "an id of the provider",
    "ProviderFlow.redirect_url": CHECKED,
    "ProviderFlow.subject": "an id of the provider",
    "ProviderIdentity.issuer": "an id of the provider",
    "ProviderIdentity.subject": "an id of the provider",
    "ProviderLogIn.code_verifier": SECRET,
    "ProviderLogIn.email": "validated as an address",
    "ProviderLogIn.flow": SECRET,
    "ProviderProof.code_verifier": SECRET,
    "ProviderProof.flow": SECRET,
    "ProviderStart.code_challenge": CODE,
    "ProviderStart.redirect_url": CHECKED,
    "ProfilePatch.locale": CHECKED,
    "ProfilePatch.time_zone": CHECKED,
    "User.locale": CHECKED,
    "User.time_zone": CHECKED,
    "UserSession.device_name": CODE,
    "UserSession.place": CODE,
    "IdempotencyKey.key": "an id of the client, never shown",
    "IdempotencyKey.operation": CODE,
    "JournalEntry.kind": CODE,
    "JournalEntry.topic": CODE,
    "JournalEntry.xid": CODE,
    "AdjustmentDraft.currency": CHECKED,
    "TaxPaymentDraft.currency": CHECKED,
    "LedgerAccount.currency": CHECKED,
    "LedgerAdjustment.currency": CHECKED,
    "PackGrant.currency": CHECKED,
    "PackPrice.currency": CHECKED,
    "PackSubscription.currency": CHECKED,
    "PriceDraft.currency": CHECKED,
    "PromoMoney.currency": CHECKED,
    "Purchase.currency": CHECKED,
    "LedgerEntry.currency": CHECKED,
    "LedgerEntry.posting": CODE,
    "NewAdmin.password": SECRET,
    "NewPasskey.challenge_id": SECRET,
    "NewPasskey.credential": SIGNED,
    "Notification.locale": CHECKED,
    "Offer.pin_codes": "the pattern of PinCode",
    "Message.search_text": DERIVED,
    "User.search_text": DERIVED,
    "OfferDraft.pin_codes": "the pattern of PinCode",
    "OfferPatch.pin_codes": "the pattern of PinCode",
    "OfferPatch.reset": CODE,
    "Passkey.rp_id": "the domain of the settings",
    "PasskeyProof.challenge_id": SECRET,
    "PasskeyProof.credential": SIGNED,
    "OptionDraft.key": "the pattern of ChoiceKey",
    "PriceCurrencies.compare_at_currency": CHECKED,
    "PriceCurrencies.price_currency": CHECKED,
    "Checkout.country": CHECKED,
    "Checkout.currency": CHECKED,
    "Checkout.deliveries": "ids",
    "Invoice.code": CODE,
    "Invoice.currency": CHECKED,
    "Invoice.locale": COPY,
    "Invoice.number": CODE,
    "Order.country": CHECKED,
    "Order.currency": CHECKED,
    "Order.number": CODE,
    "OrderLine.hsn_code": COPY,
    "OrderLine.locale": COPY,
    "OrderLine.sku": COPY,
    "OrderLine.title": COPY,
    "Payment.currency": CHECKED,
    "SubOrder.rate_name": COPY,
    "Product.country": CHECKED,
    "Product.currency": CHECKED,
    "Product.hsn_code": "digits",
    "Product.locale": CHECKED,
    "Product.position": DERIVED,
    "Product.search_text": DERIVED,
    "ProductDraft.hsn_code": "digits",
    "ProductPatch.hsn_code": "digits",
    "ProductPatch.slug": "the pattern of Slug",
    "ProductSlug.slug": CODE,
    "ValueDraft.key": "the pattern of ChoiceKey",
    "Variant.currency": CHECKED,
    "Variant.options": "the pattern of ChoiceKey",
    "VariantDraft.compare_at_currency": CHECKED,
    "VariantDraft.options": "the pattern of ChoiceKey",
    "VariantDraft.price_currency": CHECKED,
    "VariantPatch.compare_at_currency": CHECKED,
    "VariantPatch.options": "the pattern of ChoiceKey",
    "VariantPatch.price_currency": CHECKED,
    "VariantPatch.reset": CODE,
    "VariantValues.options": "the pattern of ChoiceKey",
    "QuietHours.time_zone": CHECKED,
    "RecordedPayment.currency": CHECKED,
    "Reauthentication.password": SECRET,
    "Reauthentication.totp": SECRET,
    "RedemptionRequest.code": "read by core.security.codes and not stored",
    "RedemptionRequest.token": "verified by its signature and not stored",
    "InvitationDraft.email": "validated as an address",
    "MemberInvitation.locale": CHECKED,
    "PhoneChallenge.locale": CHECKED,
    "Registration.locale": CHECKED,
    "Registration.password_hash": SECRET,
    "RegistrationDraft.email": "validated as an address",
    "RegistrationDraft.password": SECRET,
    "Revocation.xid": CODE,
    "SmsCount.country": CODE,
    "SmsPause.country": CODE,
    "Topic.topic": CODE,
    "DigitalAsset.content_type": CHECKED,
    "DigitalAsset.object_key": CODE,
    "DigitalAsset.preview_sha256": CODE,
    "DigitalAsset.sha256": CODE,
    "Download.device": CODE,
    "Download.place": CODE,
    "Upload.content_type": CHECKED,
    "Upload.key": CODE,
    "UploadDraft.content_type": CHECKED,
    "SecondFactorProof.challenge_id": SECRET,
    "SecondFactorProof.mail_code": SECRET,
    "SecondFactorProof.passkey": SIGNED,
    "SecondFactorProof.recovery_code": SECRET,
    "SecondFactorProof.totp": SECRET,
    "SecondStep.challenge_id": SECRET,
    "TotpCode.code": SECRET,
    "User.password_hash": SECRET,
    "AddressDraft.postal_code": "the pattern of PinCode",
    "PromoCode.code": "the pattern of PromoCodeText",
    "PromoCode.currency": CHECKED,
    "PromoCodeDraft.code": "the pattern of PromoCodeText",
    "SavedAddress.country": CHECKED,
    "SavedAddressDraft.country": CHECKED,
    "SavedAddressDraft.phone": "a phone number",
    "SavedAddressDraft.postal_code": "the pattern of PinCode",
    "ShippingZone.countries": CHECKED,
    "ShippingZone.pin_prefixes": "the pattern of Prefix",
    "ZoneDraft.countries": CHECKED,
    "ZoneDraft.pin_prefixes": "the pattern of Prefix",
    "TaxRate.country": CHECKED,
    "TaxRate.hsn_prefix": "digits",
    "TaxRateDraft.country": CHECKED,
    "TaxRateDraft.hsn_prefix": "digits",
    "TaxRegistration.country": CHECKED,
    "TaxRegistrationDraft.country": CHECKED,
    "VendorPatch.phone": CHECKED,
    "VendorPatch.website": CHECKED,
    "Vendor.country": CHECKED,
    "Vendor.currency": CHECKED,
    "Vendor.locale": CHECKED,
    "Vendor.pin_code": "the pattern of PinCode",
    "Vendor.search_text": DERIVED,
    "Vendor.time_zone": CHECKED,
    "Vendor.website": "a URL",
    "VendorApplication.tax_kind": CODE,
    "VendorDraft.country": CHECKED,
    "VendorDraft.currency": CHECKED,
    "VendorDraft.locale": CHECKED,
    "VendorDraft.phone": "a phone number",
    "VendorDraft.time_zone": CHECKED,
    "VendorDraft.website": "a URL",
    "Verification.code": SECRET,
    "Verification.password": SECRET,
    "Verification.registration_secret": SECRET,
    "Verification.token": SECRET,
    "Voucher.code": CODE,
    "Voucher.token": CODE,
    "Payment.client_secret": "written by the provider",
    "Payment.redirect_url": "written by the provider",
    "Payment.decline_code": "written by the provider",
    "Payment.return_url": "a page of the settings, with parameters",
    "PaymentWay.return_url": "compared with the pages of the settings",
    "PaymentCustomer.reference": "an id of the provider",
    "PaymentMethod.reference": "an id of the provider",
    "PaymentMethod.customer": "an id of the provider",
    "PaymentMethod.brand": "written by the provider",
    "PaymentMethod.last4": "four digits, by a constraint",
    "ProviderCall.key": "made of a UUID",
    "ProviderCall.error": "written by the server",
    "WebhookEvent.event_id": "an id of the provider",
    "WebhookEvent.kind": "written by the provider",
    "WebhookEvent.about": "a value of EventObject",
    "WebhookEvent.object_reference": "an id of the provider",
    "WebhookEvent.account": "an id of the provider",
}
# Domains can have their own, in tests/models/<domain>/untyped.py.
EXEMPT |= {
    name: reason
    for domain in of_domains("models", "untyped")
    for name, reason in domain.UNTYPED.items()
}
TYPES = (OneLine, Paragraphs, Identifier)


def classes(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in of.__subclasses__():
        yield from (kind, *classes(kind))


def texts(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the metadata of each `str` in an annotation, except for the keys of a dict."""
    if annotation is str:
        yield metadata
    elif get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        yield from texts(inner, (*metadata, *own))
    elif get_origin(annotation) is dict:
        yield from texts(get_args(annotation)[1])
    else:
        for part in get_args(annotation):
            yield from texts(part, metadata)


def untyped(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        for metadata in texts(field.annotation, tuple(field.metadata)):
            if not any(isinstance(one, TYPES) for one in metadata):
                yield f"{model.__name__}.{name}"


def test_every_text_has_a_type_or_a_reason() -> None:
    ours = [kind for kind in classes(BaseModel) if kind.__module__.startswith("models.")]
    tables = {kind.__name__ for kind in ours if issubclass(kind, SQLModel)}
    assert {"User", "Offer", "Message"} <= tables
    assert "RegistrationDraft" in {kind.__name__ for kind in ours} - tables
    found = {name for kind in ours for name in untyped(kind)}
    assert found - EXEMPT.keys() == set(), "give it a type of models/text.py"
    assert EXEMPT.keys() - found == set()


class Sample(BaseModel):
    name: Name | None = None
    title: Annotated[str, OneLine(20, min_length=3)] | None = None
    note: Annotated[str, Paragraphs(20, min_length=0)] | None = None
    client_id: Annotated[str, Identifier(10)] | None = None


def refusal(**values: str) -> tuple[list[str] | None, str]:
    with pytest.raises(InvalidInput) as raised:
        parse(Sample, **values)
    return raised.value.field, str(raised.value)


EMPTY = "Must not be empty."
INVISIBLE = " \n\u200b\u3164\u2800\u115f\ufeff\u202e\u200d\u0301\ue000"
WEB_ADDRESS = "A name must not contain a web address. Remove it, or put a space after the dot."
ID = "Contains spaces at its ends or invisible characters. Remove them."


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("name", "", EMPTY),
        *(("name", c * 3, EMPTY) for c in INVISIBLE),
        ("name", "x" * 81, "Must have at most 80 characters."),
        ("name", "x" * 10_000, "Must have at most 80 characters."),
        ("name", "Haat\n\nConfirm at https://evil.example", WEB_ADDRESS),
        ("name", "ev\u200bil.com", WEB_ADDRESS),
        ("title", " ab ", "Must have at least 3 characters."),
        ("title", "abc\ud83d", "Contains half of a character, such as a cut emoji. Remove it."),
        ("note", "z" + "\u0301" * 11, "A character can have at most 10 accents. Remove some."),
        ("note", "x" * 21, "Must have at most 20 characters."),
        ("client_id", " a", ID),
        ("client_id", "a\u202eb", ID),
        ("client_id", "", EMPTY),
    ],
)
def test_text_is_refused_with_the_field_and_a_reason(field: str, text: str, message: str) -> None:
    expected = "clientId" if field == "client_id" else field
    assert refusal(**{field: text}) == ([expected], message)


@pytest.mark.parametrize(
    ("field", "text", "stored"),
    [
        ("name", " Asha\r\nRao\u202e ", "Asha Rao"),
        ("name", " " * 1_000 + "Asha", "Asha"),
        ("name", "Dr.Smith", "Dr.Smith"),
        ("title", "Booking.com", "Booking.com"),
        ("note", "", ""),
        ("note", "\u200b \n", ""),
        ("note", "a\r\nb\u202e", "a\nb"),
        ("note", "e\u0301" * 20, "é" * 20),
        ("client_id", "a-1", "a-1"),
    ],
)
def test_text_is_cleaned(field: str, text: str, stored: str) -> None:
    assert getattr(parse(Sample, **{field: text}), field) == stored


def test_nul_is_the_clients_fault_rather_than_the_users() -> None:
    for field in ("name", "title", "note", "client_id"):
        with pytest.raises(BadInput):
            parse(Sample, **{field: "abc\0"})


@given(st.text(st.characters() | st.sampled_from("\ud800\u202e\u0301\n\u200b")))
def test_a_name_is_stored_as_it_is_or_refused(text: str) -> None:
    """A stored name passes unchanged, so saving a form again changes nothing."""
    try:
        name = parse(Sample, name=text).name
    except UserMessage:
        return
    assert name is not None
    assert parse(Sample, name=name).name == name
    assert 1 <= len(name) <= 80
    name.encode()


def test_cleaning_the_worst_text_takes_little_work() -> None:
    """Marks beyond the limit are refused before they are normalized, in quadratic time."""
    worst = "a" + "\u0301\u0327" * 100_000
    for field in ("name", "title", "note"):
        assert refusal(**{field: worst})[1].startswith("Must have at most")
    assert "accents" in refusal(note="a" + "\u0301\u0327" * MAX_MARKS)[1]
