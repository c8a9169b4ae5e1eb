"""Django's own command line, for makemigrations; everything else is `qunying`."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qunying.settings")
execute_from_command_line(sys.argv)
