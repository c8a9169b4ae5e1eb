"""群成员: people of a brand, the accounts they act through, who was merged into whom, tags, and erasure."""
