"""Telling people who are not looking: which trouble is news to whom, and getting it to them."""
