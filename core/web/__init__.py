"""Values of the web: hosts, origins, addresses of pages, and browsers."""
