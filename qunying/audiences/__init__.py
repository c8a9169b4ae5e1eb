"""人群: sets of members as bitmaps, one blob per brand, set and day whatever the number of communities; stages; saved
audiences and their algebra."""
