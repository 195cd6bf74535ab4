"""Tables, the rules of a single row, and their refusals."""
