"""Events: venues, dates, tickets and what happens at the door."""
