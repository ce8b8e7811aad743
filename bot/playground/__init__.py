"""A strict stand-in for Slack and for the tenant, on loopback, that judges the bot from outside.

`server.Playground` serves all of it: the Slack stand-in of `slack`, the tenant stand-in of `tenant`, and `page`, the
web page on which one types commands and clicks buttons as different people. `dns_standin` is DNS, beside it. It knows
only the wire, and imports nothing else of the bot.
"""

#: Where people expect the page: `make demo` says so.
PORT = 8420
