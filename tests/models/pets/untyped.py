"""Fields of texts of pets, and of the intake of bookings, without a type, with the reason."""

PATTERN = "the pattern of Species"
COPY = "copied from a row whose text has a type"
UNTYPED = {
    "Pet.species": PATTERN,
    "PetDraft.species": PATTERN,
    "ServiceDraft.species": PATTERN,
    "Service.species": COPY,
    "ServiceQuestion.locale": COPY,
    "VendorQuestion.locale": COPY,
}
