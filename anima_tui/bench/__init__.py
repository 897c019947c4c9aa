"""How fast Anima is on this machine, beside plain `generate()` of transformers in the same run."""
