"""Fields of texts of services and bookings without a type, with the reason."""

CHECKED = "only listed values pass"
CODE = "a code that the server makes or knows"
COPY = "copied from a row whose text has a type"
CHECKED_FORM = "its form is checked, and it is put in normal form"
DERIVED = "made by the server of other columns"
UNTYPED = {
    "Booking.currency": COPY,
    "Booking.note": COPY,
    "Booking.reason": COPY,
    "Booking.time_zone": CHECKED,
    "BookingShift.version": CODE,
    "BusyFeed.etag": CODE,
    "BusyFeed.host": "a part of an address that has a type",
    "Claim.during": DERIVED,
    "GuestDraft.email": CHECKED_FORM,
    "GuestDraft.phone": CHECKED_FORM,
    "ProviderDraft.currency": CHECKED,
    "Resource.time_zone": CHECKED,
    "ResourceDraft.time_zone": CHECKED,
    "Service.currency": CHECKED,
    "Service.hsn_code": "digits",
    "Service.locale": CHECKED,
    "Service.search_text": DERIVED,
    "Service.species": COPY,
    "ServiceDraft.hsn_code": "digits",
    "ServiceParts.currencies": CHECKED,
    "ZoneRules.version": CODE,
}
