"""HTTP: the API with its token, the health pages, and the metrics page on an address of its own."""
