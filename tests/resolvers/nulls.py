"""The effects of null in update inputs, apart from a default value."""

REFUSED = "refused"
OF_VENDOR = "of the vendor"
UNCHANGED = "unchanged, as if it was left out"
OF_PLATFORM = "of the platform"  # chooses the row that is changed, and is no value of it
