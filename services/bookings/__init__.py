"""Services by appointment and class, and the bookings of them."""
