"""An app for `./go bench faults`: jobs that order one message each, under a key, and take their time over it."""
