"""The live panels: what happens inside her, as pictures and plain words."""
