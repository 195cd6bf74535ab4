"""Texts that mutations of admins take."""

PARAGRAPHS = {"impersonateUser.reason", "suspendUser.reason"}
