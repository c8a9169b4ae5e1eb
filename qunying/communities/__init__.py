"""社群: the tree of communities, the channels they live in, who is a member of which and when, and the
messages' text."""
