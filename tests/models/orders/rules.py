"""The database constraints on orders, with SQL that violates each of them."""

from models.orders.orders import DEDUCTIONS
from tests.models.sql import change, copy, one_line

ORDER, PART, LINE, STEP = "order", "suborder", "order_line", "order_step"
RETURN = "return_request"
# Each with what makes the sum right, so that only the sign is wrong.
NEGATIVE = (
    "goods = -1, shipping = shipping + goods + 1",
    "vendor_discount = -1, goods = goods - 1",
    "platform_discount = -1, goods = goods - 1",
    "shipping = -1, goods = goods + 1",
    "tax_added = -1, goods = goods + 1",
    "tax_included = -1",
)
ONE = "00000000-0000-0000-0000-000000000001"
# Triggers refuse every UPDATE of these tables, and of the amounts of a line.
COPIED = {
    "line_tax": {"component": "IGST"},
    "order_step": {},
    "order_line": {"position": 1},
    "return_line": {},
}


def lined(**values: object) -> str:
    return copy(LINE, **{"position": 1} | values)


RULES = [
    *((f"{table}_total_check", change(table, "goods = goods + 1")) for table in (ORDER, PART)),
    *(
        (f"{table}_total_check", change(table, values))
        for table in (ORDER, PART)
        for values in NEGATIVE
    ),
    *(
        (f"{PART}_deductions_check", change(PART, f"{name} = -1, vendor_net = vendor_net + 1"))
        for name in DEDUCTIONS
    ),
    *((f"{PART}_vendor_net_check", change(PART, f"{name} = 1")) for name in DEDUCTIONS),
    ("suborder_vendor_net_check", change(PART, "platform_discount = 1, goods = goods + 1")),
    ("suborder_commission_bps_check", change(PART, "commission_bps = -1")),
    ("suborder_commission_bps_check", change(PART, "commission_bps = 10001")),
    *(("order_line_deductions_check", lined(**{name: -1})) for name in DEDUCTIONS),
    *(("order_number_check", change(ORDER, f"number = '{n}'")) for n in ("7QX4M2K", "7qx4m2k9")),
    ("order_number_key", copy(ORDER, checkout_id=ONE)),
    ("order_checkout_id_key", copy(ORDER, number="00000000")),
    ("order_country_check", change(ORDER, "country = 'in'")),
    ("order_orderstate_check", change(ORDER, "state = 'SHIPPED'")),
    ("order_payment_state_check", change(ORDER, "payment_state = 'PART_PAID'")),
    ("order_refunded_check", change(ORDER, "refunded = 2001, payment_state = 'REFUNDED'")),
    ("order_refunded_check", change(ORDER, "refunded = -1, payment_state = 'PART_REFUNDED'")),
    ("order_refunded_check", change(ORDER, "paid = 2001")),
    ("order_refunded_check", change(ORDER, "paid = -1, refunded = -2, payment_state = 'UNPAID'")),
    ("order_payment_state_check", change(ORDER, "paid = 1999")),
    ("order_payment_state_check", change(ORDER, "refunded = 1")),
    ("order_payment_state_check", change(ORDER, "payment_state = 'UNPAID'")),
    ("suborder_suborderstate_check", change(PART, "state = 'PAID'")),
    ("suborder_days_check", change(PART, "min_days = 3, max_days = 2")),
    ("suborder_days_check", change(PART, "min_days = -1, max_days = 2")),
    ("suborder_position_check", change(PART, "position = -1")),
    ("suborder_position_check", change(PART, "position = 100")),
    ("suborder_refunded_check", change(PART, "refunded = -1")),
    ("suborder_refunded_check", change(PART, "refunded = 2001")),
    ("suborder_order_id_position_key", copy(PART, vendor_id=ONE)),
    ("suborder_order_id_vendor_id_key", copy(PART, position=1)),
    ("order_line_suborder_id_position_key", copy(LINE)),
    ("order_line_position_check", lined(position=100)),
    ("order_line_position_check", lined(position=-1)),
    ("order_line_weight_g_check", lined(weight_g=-1)),
    ("order_line_goods_check", lined(quantity=1)),
    ("order_line_goods_check", lined(quantity=0, goods=0, total=0, taxable=-200)),
    ("order_line_amounts_check", lined(vendor_discount=-1, total=2001, taxable=1801)),
    ("order_line_amounts_check", lined(vendor_discount=2001, shipping=1, total=0, taxable=-200)),
    ("order_line_amounts_check", lined(shipping=-1, total=1999, taxable=1799)),
    ("order_line_amounts_check", lined(platform_discount=-1, total=2001)),
    ("order_line_amounts_check", lined(platform_discount=2001, total=-1)),
    ("order_line_amounts_check", lined(tax=-1, taxable=2001)),
    ("order_line_amounts_check", lined(tax_added=1, total=2001, taxable=1801)),
    ("order_line_total_check", lined(total=1999)),
    ("order_line_taxable_check", lined(taxable=1799)),
    ("order_line_counters_check", change(LINE, "cancelled = -1")),
    ("order_line_counters_check", change(LINE, "cancelled = 1, shipped = 2")),
    ("order_line_counters_check", change(LINE, "returned = 1")),
    ("order_line_counters_check", change(LINE, "refunded = 3")),
    ("line_tax_taxcomponent_check", copy("line_tax", component="SALES")),
    ("line_tax_rate_bps_check", copy("line_tax", component="CGST", rate_bps=-1)),
    ("line_tax_rate_bps_check", copy("line_tax", component="CGST", rate_bps=100_001)),
    ("line_tax_tax_check", copy("line_tax", component="CGST", tax=-1)),
    ("line_tax_tax_check", copy("line_tax", component="CGST", taxable=-1)),
    ("order_step_orderactor_check", copy(STEP, actor="BANK")),
    ("order_step_note_length_check", copy(STEP, note="a" * 301)),
    *(("order_step_note_line_check", copy(STEP, note=n)) for n in ("a\nb", " a", "a ", "")),
    ("return_request_open_key", copy(RETURN)),
    ("return_request_returnstate_check", change(RETURN, "state = 'LOST', ended_at = now()")),
    ("return_request_ended_at_check", change(RETURN, "state = 'DECLINED'")),
    ("return_request_ended_at_check", change(RETURN, "ended_at = now()")),
    *one_line(RETURN, "reason"),
    *one_line(RETURN, "answer"),
    ("return_request_reason_length_check", change(RETURN, "reason = repeat('a', 301)")),
    ("return_request_answer_length_check", change(RETURN, "answer = repeat('a', 301)")),
    ("return_line_quantity_check", copy("return_line", line_id=ONE, quantity=0)),
    ("return_line_return_id_line_id_key", copy("return_line")),
    ("reservation_reservationstate_check", change("reservation", "state = 'GONE'")),
    ("reservation_quantity_check", change("reservation", "quantity = 0")),
]
PASSING = [
    change(ORDER, "refunded = 1, payment_state = 'PART_REFUNDED'"),
    change(ORDER, "refunded = paid, payment_state = 'REFUNDED'"),
    change(ORDER, "paid = 0, payment_state = 'UNPAID'"),
    change(LINE, "shipped = 1, cancelled = 1, refunded = 1"),
]
