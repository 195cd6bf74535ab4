"""Services by appointment and class, who does them, and bookings."""
