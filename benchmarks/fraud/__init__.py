"""A simulated month of redemptions, honest and dishonest, and how well the score separates them."""
