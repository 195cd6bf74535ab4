"""The content of documents: parts of orders, purchases, commission and refunds."""
