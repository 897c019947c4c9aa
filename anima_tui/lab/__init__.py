"""The mission's research questions as experiments that anyone can run on any body: `anima-tui lab`."""
