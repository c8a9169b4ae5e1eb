"""指标: every number the product shows, declared once with its formula, window and version; answered with the
people behind it; read daily for all communities at once."""
