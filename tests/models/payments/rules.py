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
DISPUTE, SHARE = "dispute", "dispute_share"
COPIED = {
    "refund_line": {"units": "[1,2)"},
    "refund_amount": {"share": "GOODWILL"},
    "dispute_booking": {"number": 2, "reference": "txn_2"},
}


def refunded(**values: object) -> str:
    return copy("refund_line", **{"units": "[1,2)"} | values)


def amount(**values: object) -> str:
    return copy("refund_amount", **{"share": "GOODWILL"} | values)


def booking(**values: object) -> str:
    return copy("dispute_booking", **{"number": 2, "reference": "txn_2"} | values)


RULES = [
    ("payment_amount_check", change(PAYMENT, "amount = 0, captured = 0, refunded = 0")),
    ("payment_amount_check", change(PAYMENT, "attempt = 0")),
    ("payment_captured_check", change(PAYMENT, "captured = 2001")),
    ("payment_captured_check", change(PAYMENT, "captured = -1, refunded = -2")),
    ("payment_captured_check", change(PAYMENT, "refunded = 2001")),
    ("payment_captured_check", change(PAYMENT, "refunded = -1")),
    ("payment_captured_check", change(PAYMENT, "disputed = -1")),
    ("payment_captured_check", change(PAYMENT, "disputed = 1001")),
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
    ("payment_split_captured_check", change(SPLIT, "disputed = 1001")),
    ("refund_amount_check", change(REFUND, "amount = -1")),
    ("refund_refundstate_check", change(REFUND, "state = 'SENT'")),
    ("refund_note_length_check", change(REFUND, "note = repeat('a', 301)")),
    *one_line(REFUND, "note"),
    ("refund_line_amount_check", refunded(amount=-1)),
    ("refund_line_amount_check", refunded(tax=-1)),
    ("refund_line_amount_check", refunded(withheld=-1)),
    ("refund_line_units_check", refunded(units="empty")),
    ("refund_line_units_check", refunded(units="[-1,0)")),
    ("refund_line_units_excl", refunded(units="[0,2)")),
    ("refund_part_amount_check", change(PART, "amount = 0")),
    *one_line(PART, "reference"),
    ("refund_part_reference_length_check", change(PART, "reference = repeat('a', 101)")),
    ("refund_part_provider_reference_key", copy(PART, payment_id=ONE)),
    ("payment_subject_check", change(PAYMENT, "order_id = NULL")),
    ("refund_subject_check", change(REFUND, "order_id = NULL")),
    ("provider_call_attempt_check", change(CALL, "attempt = 0")),
    ("provider_call_callstate_check", change(CALL, "state = 'LOST'")),
    ("provider_call_key_key", copy(CALL, attempt=2)),
    ("provider_call_subject_id_purpose_attempt_key", copy(CALL, key="other")),
    *one_line(CALL, "error"),
    ("webhook_event_provider_event_id_key", copy(EVENT)),
    ("webhook_event_webhookstate_check", change(EVENT, "state = 'LOST'")),
    ("payment_customer_user_id_provider_key", copy(CUSTOMER, reference="cus_2")),
    ("payment_customer_provider_reference_key", copy(CUSTOMER, user_id=ONE)),
    ("payment_method_provider_reference_key", copy(METHOD)),
    ("payment_method_last4_check", change(METHOD, "last4 = '12'")),
    ("payment_method_expires_month_check", change(METHOD, "expires_month = 13")),
    ("payment_method_expires_year_check", change(METHOD, "expires_year = 1999")),
    ("refund_part_way_key", copy(PART, reference="BANK 3")),
    (
        "refund_part_replaces_id_key",
        f"{change(PART, 'replaces_id = id')}; {copy(PART, reference='BANK 3')}",
    ),
    ("refund_part_settled_at_check", change(PART, "settled_at = now()")),
    ("refund_part_settled_at_check", change(PART, "part_state = 'SETTLED'")),
    ("refund_part_failed_at_check", change(PART, "failed_at = now()")),
    ("refund_part_failed_at_check", change(PART, "part_state = 'FAILED'")),
    ("refund_part_refundpartstate_check", change(PART, "part_state = 'LOST'")),
    *one_line(PART, "error"),
    ("refund_amount_amount_check", amount(amount=0)),
    ("refund_amount_amount_check", amount(tax=-1)),
    ("refund_amount_amount_check", amount(tax=1001)),
    ("refund_amount_borne_by_check", amount(share="DELIVERY", borne_by="PLATFORM")),
    ("refund_amount_fundedby_check", amount(borne_by="BUYER")),
    ("refund_amount_refundshare_check", amount(share="TAX")),
    ("refund_amount_delivery_key", copy("refund_amount")),
    ("dispute_amount_check", change(DISPUTE, "amount = 0")),
    ("dispute_amount_check", change(DISPUTE, "fee = -1")),
    ("dispute_amount_check", change(DISPUTE, "held = 2001")),
    ("dispute_turns_check", change(DISPUTE, "turns = 51")),
    ("dispute_booking_number_check", booking(number=0)),
    ("dispute_booking_amount_check", booking(amount=0, fee=0)),
    ("dispute_booking_reference_line_check", booking(reference=" ")),
    ("dispute_booking_reference_length_check", booking(reference="a" * 101)),
    ("dispute_booking_dispute_id_reference_key", booking(reference="txn_1")),
    ("dispute_currency_check", change(DISPUTE, "currency = 'inr'")),
    ("dispute_disputestate_check", change(DISPUTE, "dispute_state = 'OPEN'")),
    ("dispute_ended_at_check", change(DISPUTE, "ended_at = now()")),
    ("dispute_ended_at_check", change(DISPUTE, "dispute_state = 'WON'")),
    *one_line(DISPUTE, "reference"),
    *one_line(DISPUTE, "reason"),
    *one_line(DISPUTE, "file_reference"),
    (
        "dispute_file_reference_length_check",
        change(DISPUTE, "file_reference = repeat('a', 101)"),
    ),
    ("dispute_reference_length_check", change(DISPUTE, "reference = repeat('a', 101)")),
    ("dispute_provider_reference_key", copy(DISPUTE)),
    ("dispute_share_amount_check", change(SHARE, "amount = 0")),
    ("dispute_share_deductions_check", change(SHARE, "commission = -1")),
    ("dispute_share_dispute_id_suborder_id_key", copy(SHARE)),
    *one_line("dispute_evidence", "carrier"),
    *one_line("dispute_evidence", "tracking_number"),
    ("dispute_file_position_check", change("dispute_file", "position = 5")),
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
