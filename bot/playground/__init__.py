"""A strict stand-in for Slack and for the tenant, on loopback, that judges the bot from outside."""
