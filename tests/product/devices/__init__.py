"""One user in two tabs and on a phone: what one does reaches the others, and is done once."""
