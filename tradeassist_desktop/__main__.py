"""``python -m tradeassist_desktop``: the same as ``tradeassist``."""

import multiprocessing
import sys

from tradeassist_desktop.cli import main

if __name__ == "__main__":
    # In the installed program a backtest's worker is this very program, started once more.
    multiprocessing.freeze_support()
    sys.exit(main())
