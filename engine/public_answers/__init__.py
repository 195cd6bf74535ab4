"""Answers to anonymous callers, kept as bytes. See docs/architecture/public_answers.md."""
