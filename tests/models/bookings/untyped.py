"""Fields of texts of services and bookings without a type, with the reason."""

CHECKED = "only listed values pass"
CODE = "a code that the server makes or knows"
COPY = "copied from a row whose text has a type"
DERIVED = "made by the server of other columns"
UNTYPED: dict[str, str] = {}
