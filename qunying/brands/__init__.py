"""品牌: the tenant, its staff and their roles, the one place where access is decided, preferences, and the log of who
changed what."""
