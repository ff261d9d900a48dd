"""Every member of every pool is asked by itself, seldom while all is well, and at once when a master is in doubt."""
