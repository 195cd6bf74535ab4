"""The database constraints on shipments, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

SHIPMENT, EVENT = "shipment", "tracking_event"
# Triggers refuse every UPDATE of these tables.
COPIED = {"shipment_line": {"quantity": 2}, "tracking_event": {"state": "LOST"}}

RULES = [
    ("shipment_shipmentstate_check", change(SHIPMENT, "state = 'SENT'")),
    ("shipment_position_check", change(SHIPMENT, "position = -1")),
    ("shipment_position_check", change(SHIPMENT, "position = 50")),
    *one_line(SHIPMENT, "carrier"),
    *one_line(SHIPMENT, "tracking_number"),
    ("shipment_carrier_length_check", change(SHIPMENT, "carrier = repeat('a', 41)")),
    (
        "shipment_tracking_number_length_check",
        change(SHIPMENT, "tracking_number = repeat('a', 61)"),
    ),
    ("shipment_tracking_number_key", copy(SHIPMENT, position=1)),
    ("shipment_tracking_number_key", copy(SHIPMENT, position=1, carrier="SPEED POST")),
    ("shipment_suborder_id_position_key", copy(SHIPMENT, tracking_number="other")),
    ("shipment_line_quantity_check", copy("shipment_line", quantity=0)),
    ("shipment_line_shipment_id_line_id_key", copy("shipment_line", quantity=2)),
    ("tracking_event_shipmentstate_check", copy(EVENT, state="SENT")),
    ("tracking_event_trackingsource_check", copy(EVENT, state="LOST", source="BUYER")),
    ("tracking_event_shipment_id_state_at_key", copy(EVENT)),
    ("tracking_event_place_length_check", copy(EVENT, state="LOST", place="a" * 121)),
    *(
        ("tracking_event_place_line_check", copy(EVENT, state="LOST", place=place))
        for place in ("a\nb", " a", "a ", "")
    ),
]
PASSING = [copy(SHIPMENT, position=1, tracking_number=None)]
