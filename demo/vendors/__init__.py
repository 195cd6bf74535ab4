"""The vendors of the demo, with their pages, hours and products."""
