"""The proof behind ``scripts/image``: the images are built, run and looked at."""
