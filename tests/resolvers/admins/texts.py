"""Texts that mutations of admins take."""

PARAGRAPHS = {"suspendUser.reason"}
