"""The agenda of a vendor: who works when, what is booked, and who has arrived."""
