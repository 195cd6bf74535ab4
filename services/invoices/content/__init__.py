"""What documents say: of parts of orders, purchases, commission and refunds."""
