"""`python -m symbridge`: the command line."""

import sys

from symbridge.cli import main

sys.exit(main())
