"""Searching: which candidates to simulate next, and what is known once they are."""
