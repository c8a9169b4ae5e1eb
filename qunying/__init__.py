"""Qunying 群英: run a brand's communities as a measured loop. One log of facts, sets of members, named problems."""

__version__ = "0.1.0"
