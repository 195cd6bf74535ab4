"""Texts that mutations of pets take."""

ONE_LINE = {"savePet.input.name", "savePet.input.breed", "saveVaccination.input.name"}
PARAGRAPHS = {"savePetNote.input.text"}
CODES = {"savePet.input.species"}
