"""Texts that mutations of exports and deletions take."""

CODES = {"cancelAccountDeletion.token", "downloadMyData.token"}
