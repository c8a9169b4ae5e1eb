"""An app whose beats the tests choose."""
