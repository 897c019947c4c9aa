"""Which bodies there are: the embedded seedling, and the presets of `catalog.toml`."""
