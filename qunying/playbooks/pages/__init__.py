"""Pages of the improvement loop: findings, advice, playbooks, runs."""
