"""The console's template words: icons, numbers, dates and small drawings."""
