"""``python -m hatangso``."""

from hatangso.cli import main

main()
