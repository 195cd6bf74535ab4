"""The booking waitlist: joined by users, and served when times become free."""
