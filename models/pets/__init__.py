"""Pets of users: who an appointment is for, when it is not for the user."""
