"""Days and nights of a soul in a folder of its own: what becomes of her in thousands of them."""
