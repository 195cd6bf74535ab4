"""Texts that mutations of pets take."""

ONE_LINE = {"savePet.name", "savePet.breed", "saveVaccination.name"}
PARAGRAPHS = {"savePetNote.text"}
CODES = {"savePet.species"}
