"""The constraints on questions, answers and files of bookings, with SQL that violates each."""

from tests.models.sql import change, copy

OTHER_ID = "00000000-0000-0000-0000-000000000001"
RULES = [
    ("service_question_position_check", change("service_question", "position = 100")),
    ("service_question_choices_check", change("service_question", "kind = 'CHOICE'")),
    ("service_question_choices_check", change("service_question", "choices = '[1]'")),
    ("service_question_questionkind_check", change("service_question", "kind = 'SONG'")),
    ("booking_answer_booking_id_question_id_key", copy("booking_answer")),
    ("booking_file_position_check", change("booking_file", "position = 10")),
    ("booking_file_position_check", change("booking_file", "position = -1")),
    ("booking_file_upload_id_key", copy("booking_file", position=1)),
    (
        "booking_file_position_key",
        "ALTER TABLE booking_file DROP CONSTRAINT booking_file_upload_id_fkey;"
        + copy("booking_file", upload_id=OTHER_ID),
    ),
]
