"""`python -m qunying` is the `qunying` command."""

from qunying.cli.main import run

run()
