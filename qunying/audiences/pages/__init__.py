"""Pages of people: the list of members, the member card, saved audiences."""
