"""The `qunying` command: parse, one action, print. On an empty QUNYING_HOME it sets itself up first."""
