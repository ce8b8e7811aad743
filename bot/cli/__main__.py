"""`python -m bot.cli`: the console script where it isn't installed."""

from bot.cli import main

main()
