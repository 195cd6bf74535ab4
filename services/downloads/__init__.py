"""Digital goods: files and license keys, handed to those who buy them."""
