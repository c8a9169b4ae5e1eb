"""Entrance of the `qunying` command."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qunying.settings")


def run() -> None:
    """Set up Django and, on a fresh home, the database; then hand over to the commands."""
    import django

    django.setup()
    from qunying.cli.commands import app
    from qunying.cli.home import set_up_once
    from qunying.cli.output import refuse
    from qunying.kit.errors import QunyingError

    try:
        if "--help" not in sys.argv and len(sys.argv) > 1:
            set_up_once()
        app()
    except QunyingError as error:
        refuse(error)
