"""Questions to attendees, and their answers."""
