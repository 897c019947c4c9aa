"""One body over several devices, a process for each: the first rank has the soul and speaks, the others follow."""
