"""Fields of texts of pets without a type, with the reason."""

UNTYPED = {
    "Pet.species": "the pattern of Species, by a constraint",
    "PetDraft.species": "the pattern of Species",
}
