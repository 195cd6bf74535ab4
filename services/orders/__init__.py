"""Orders: placing, paying, preparing, cancelling and returning them."""
