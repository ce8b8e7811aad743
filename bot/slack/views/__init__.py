"""Cards and forms: pure functions from what happened to Block Kit."""
