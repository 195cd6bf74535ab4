"""The effects of null in update inputs, apart from a default value."""

REFUSED = "refused"
OF_VENDOR = "of the vendor"
