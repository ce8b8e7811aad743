"""The edge towards people: commands, clicks, cards and forms."""
