"""Plain Python that every floor may use: errors, refusals, days, the catalogue of declarations. No Django here."""
