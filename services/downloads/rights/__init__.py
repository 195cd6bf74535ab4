"""Rights of buyers: handed out with a paid order, and taken back."""
