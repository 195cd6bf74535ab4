"""The database constraints on payments and refunds, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

PAYMENT, SPLIT, REFUND, PART = "payment", "payment_split", "refund", "refund_part"
CALL, EVENT, METHOD, CUSTOMER = (
    "provider_call",
    "webhook_event",
    "payment_method",
    "payment_customer",
)
ONE = "00000000-0000-0000-0000-000000000001"
COPIED = {"refund_line": {"units": "[1,2)"}}


def refunded(**values: object) -> str:
    return copy("refund_line", **{"units": "[1,2)"} | values)


RULES = [
    ("payment_amount_check", change(PAYMENT, "amount = 0, captured = 0, refunded = 0")),
    ("payment_amount_check", change(PAYMENT, "attempt = 0")),
    ("payment_captured_check", change(PAYMENT, "captured = 2001")),
    ("payment_captured_check", change(PAYMENT, "captured = -1, refunded = -2")),
    ("payment_captured_check", change(PAYMENT, "refunded = 2001")),
    ("payment_captured_check", change(PAYMENT, "refunded = -1")),
    ("payment_paymentstatus_check", change(PAYMENT, "status = 'LOST'")),
    ("payment_provider_reference_key", copy(PAYMENT, attempt=2, status="FAILED")),
    (
        "payment_order_id_provider_attempt_key",
        copy(PAYMENT, reference="BANK 3", status="FAILED"),
    ),
    ("payment_live_key", copy(PAYMENT, reference="BANK 3", attempt=2)),
    *one_line(PAYMENT, "reference"),
    ("payment_reference_length_check", change(PAYMENT, "reference = repeat('a', 101)")),
    ("payment_split_captured_check", change(SPLIT, "captured = -1, refunded = -1")),
    ("payment_split_captured_check", change(SPLIT, "refunded = 2001")),
    ("refund_amount_check", change(REFUND, "amount = -1")),
    ("refund_refundstate_check", change(REFUND, "state = 'SENT'")),
    ("refund_note_length_check", change(REFUND, "note = repeat('a', 301)")),
    *one_line(REFUND, "note"),
    ("refund_line_amount_check", refunded(amount=-1)),
    ("refund_line_amount_check", refunded(tax=-1)),
    ("refund_line_units_check", refunded(units="empty")),
    ("refund_line_units_check", refunded(units="[-1,0)")),
    ("refund_line_units_excl", refunded(units="[0,2)")),
    ("refund_part_amount_check", change(PART, "amount = 0")),
    *one_line(PART, "reference"),
    ("refund_part_reference_length_check", change(PART, "reference = repeat('a', 101)")),
    ("refund_part_provider_reference_key", copy(PART, payment_id=ONE)),
    ("refund_part_refund_id_payment_id_key", copy(PART, reference="BANK 3")),
    ("payment_subject_check", change(PAYMENT, "order_id = NULL")),
    ("refund_subject_check", change(REFUND, "order_id = NULL")),
    ("provider_call_attempt_check", change(CALL, "attempt = 0")),
    ("provider_call_callstate_check", change(CALL, "state = 'LOST'")),
    ("provider_call_key_key", copy(CALL, attempt=2)),
    ("provider_call_subject_id_purpose_attempt_key", copy(CALL, key="other")),
    *one_line(CALL, "error"),
    ("provider_call_error_length_check", change(CALL, "error = repeat('a', 301)")),
    ("webhook_event_provider_event_id_key", copy(EVENT)),
    ("webhook_event_webhookstate_check", change(EVENT, "state = 'LOST'")),
    ("payment_customer_user_id_provider_key", copy(CUSTOMER, reference="cus_2")),
    ("payment_customer_provider_reference_key", copy(CUSTOMER, user_id=ONE)),
    ("payment_method_provider_reference_key", copy(METHOD)),
    ("payment_method_last4_check", change(METHOD, "last4 = '12'")),
    ("payment_method_expires_month_check", change(METHOD, "expires_month = 13")),
    ("payment_method_expires_year_check", change(METHOD, "expires_year = 1999")),
]
WITH = {
    "payment_purchase_id_fkey": "order_id = NULL",
    "refund_purchase_id_fkey": "order_id = NULL",
}
PASSING = [
    copy(PAYMENT, reference="BANK 3", attempt=2, status="CANCELLED"),
    copy(PAYMENT, reference="BANK 3", provider="WALLET"),
    refunded(),
]
