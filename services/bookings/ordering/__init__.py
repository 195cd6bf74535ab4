"""Bookings in orders: priced, held until they are paid, confirmed, and refunded."""
