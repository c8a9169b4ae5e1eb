"""Pages of numbers: overview, communities, retention, activity, the people behind a number, the metric dictionary."""
