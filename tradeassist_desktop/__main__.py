"""``python -m tradeassist_desktop``: the same as ``tradeassist``."""

import multiprocessing
import sys

from tradeassist_desktop.cli import main

if __name__ == "__main__":
    # In the installed program a backtest's worker is this very program, started once more.
    multiprocessing.freeze_support()
    if sys.argv[1:] == ["tone-player"]:  # and so is the tone player, which ui.channels.tone_process starts
        from tradeassist_desktop.ui import tone_player

        sys.exit(tone_player.main())
    sys.exit(main())
