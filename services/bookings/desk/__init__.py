"""The desk of a vendor: bookings for customers who are there or call, and what they pay."""
