"""Entrances of connectors: what was imported, and what is looked at before it is."""
