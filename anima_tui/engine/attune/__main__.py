import sys

from anima_tui.engine.attune.command import main

sys.exit(main(sys.argv[1:]))
