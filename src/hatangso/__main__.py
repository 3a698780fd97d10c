"""``python -m hatangso``."""

import sys

if not sys.flags.safe_path:
    # Python puts the current folder first; in a workspace its folder "coverage" would pass for a package.
    del sys.path[0]

from hatangso.cli import main

main()
