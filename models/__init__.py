"""The tables, the rules that are true of one row, and the refusals those rules raise."""
