"""What can be typed behind `portcullis`: each command's options, and what its help says.

A module for each command, which loads what the command takes only when it runs: a command's help doesn't wait for a
database or a web server to load. What it does is in the module of the same name in `bot.cli`.
"""
