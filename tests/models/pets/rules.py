"""The database constraints on pets, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

OTHER_ID = "00000000-0000-0000-0000-000000000001"
RULES = [
    *one_line("pet", "name"),
    *one_line("pet", "breed"),
    *one_line("vaccination", "name"),
    ("pet_name_check", change("pet", "name = repeat('a', 81)")),
    ("pet_species_check", change("pet", "species = 'Big dog'")),
    ("pet_born_on_check", change("pet", "born_on = '1899-12-31'")),
    ("pet_weight_g_check", change("pet", "weight_g = 0")),
    (
        "pet_photo_pet_id_key",
        "ALTER TABLE pet_photo DROP CONSTRAINT pet_photo_upload_id_fkey;"
        + copy("pet_photo", upload_id=OTHER_ID),
    ),
    (
        "pet_photo_upload_id_key",
        "ALTER TABLE pet_photo DROP CONSTRAINT pet_photo_pet_id_fkey;"
        + copy("pet_photo", pet_id=OTHER_ID),
    ),
    ("pet_consent_pet_id_vendor_id_key", copy("pet_consent")),
    ("pet_note_text_check", change("pet_note", "text = ''")),
    ("vaccination_days_check", change("vaccination", "given_on = NULL, due_on = NULL")),
    ("vaccination_due_on_check", change("vaccination", "given_on = due_on")),
    ("vaccination_given_on_check", change("vaccination", "given_on = '1899-12-31'")),
    ("vaccination_reminders_check", change("vaccination", "reminders = -1")),
]
