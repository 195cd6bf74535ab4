"""Texts that mutations of members take."""

CODES = {"acceptInvitation.token", "declineInvitation.token", "inviteMember.email"}
