"""The WSGI entry point: `granian --interface wsgi wsgi:app`."""

import sys

from app import create_app, load_environment, spare_what_stays
from app.config import SettingsError

load_environment()
try:
    app = create_app()
except SettingsError as error:
    sys.stderr.write("Gatepass cannot start:\n")
    sys.stderr.writelines(f"  - {problem}\n" for problem in error.problems)
    sys.exit(1)
spare_what_stays()
