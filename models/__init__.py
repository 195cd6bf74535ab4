"""Tables, the rules of a single row, and the refusals that those rules raise."""
