"""Fields of texts of events and tickets without a type, with the reason."""

CHECKED = "only listed values pass"
CODE = "a code that the server makes or knows"
COPY = "copied from a row whose text has a type"
DERIVED = "made by the server of other columns"
UNTYPED = {
    "Event.city": COPY,
    "Event.country": CHECKED,
    "Event.currency": CHECKED,
    "Event.locale": CHECKED,
    "Event.pin_code": "the pattern of PinCode",
    "Event.position": DERIVED,
    "Event.search_text": DERIVED,
    "EventChange.xid": CODE,
    "EventDate.time_zone": CHECKED,
    "EventQuestion.locale": COPY,
    "EventSlug.slug": CODE,
    "PriceCategory.colour": "six hexadecimal digits, by a constraint",
    "Ticket.code": CODE,
    "TransferEmailDraft.email": "validated as an address",
    "Ticket.currency": COPY,
    "TicketHold.currency": COPY,
    "PriceTier.currency": COPY,
    "TicketType.currency": COPY,
    "TicketTypeDraft.currency": CHECKED,
    "TicketTypePatch.currency": CHECKED,
    "TicketTypePatch.reset": CODE,
    "TierDraft.currency": CHECKED,
    "TicketTypeDraft.hsn_code": "digits",
    "TicketTypePatch.hsn_code": "digits",
    "TicketTypeValues.hsn_code": "digits",
    "EventPatch.slug": "the pattern of Slug",
    "TicketType.hsn_code": "digits",
    "TicketType.locale": COPY,
    "Venue.country": CHECKED,
    "Venue.pin_code": "the pattern of PinCode",
    "Venue.position": DERIVED,
    "Venue.time_zone": CHECKED,
    "VenueDraft.time_zone": CHECKED,
    "ApplicationDraft.tax_id": "read by core.tax_ids",
    "ApplicationPatch.tax_id": "read by core.tax_ids",
    "TaxRegistrationDraft.number": "read by core.tax_ids",
}
