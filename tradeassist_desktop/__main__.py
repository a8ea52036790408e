"""``python -m tradeassist_desktop``: the same as ``tradeassist``."""

import sys

from tradeassist_desktop.cli import main

sys.exit(main())
