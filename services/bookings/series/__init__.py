"""Series of bookings: booked together, completed later, and cancelled from a time on."""
