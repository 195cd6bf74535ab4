"""Intake: answers to questions, files and a note that customers send along with a booking."""
