"""Texts that mutations of pets and of the intake of bookings take."""

ONE_LINE = {
    "createServiceQuestion.choices.name.text",
    "createServiceQuestion.prompt.text",
    "savePet.breed",
    "savePet.name",
    "saveVaccination.name",
    "updateServiceQuestion.choices.name.text",
    "updateServiceQuestion.prompt.text",
}
PARAGRAPHS = {
    "answerBookingQuestions.answers.value.text",
    "savePetNote.text",
    "setBookingNote.note",
}
CODES = {
    "answerBookingQuestions.answers.value.choices",
    "createServiceQuestion.choices.key",
    "createServiceQuestion.idempotencyKey",
    "savePet.idempotencyKey",
    "savePet.species",
    "savePetNote.idempotencyKey",
    "saveVaccination.idempotencyKey",
    "updateServiceQuestion.choices.key",
}
