"""Texts that mutations of fraud cases take."""

PARAGRAPHS = {"addFraudCaseNote.text"}
