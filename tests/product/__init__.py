"""Stories that cross the domains: offers, bookings, orders, tickets and chat."""
