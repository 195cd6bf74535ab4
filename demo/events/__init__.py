"""Events of the demo, with their dates, and the tickets that were sold for them."""
