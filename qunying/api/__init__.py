"""接口: what the console reads, for programs: one brand per token, problem+json errors, cursors instead of pages."""
