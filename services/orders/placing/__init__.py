"""Orders until they are paid: placed, confirmed by their money, or expired."""
