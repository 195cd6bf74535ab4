"""A state machine over holds, tickets, the waitlist and the door, against a small model."""
