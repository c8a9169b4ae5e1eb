"""运营台: the shell of the console: layout, menu, sign-in, error pages. Each app keeps its own pages."""
