"""Platforms on this machine that behave like the real ones, for trying a connection out and for tests. They listen on
the loopback address only."""
