"""Sales of tickets and seats, check-ins, and followers of a sale queue."""
