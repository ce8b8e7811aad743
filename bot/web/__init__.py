"""The HTTP edge: `/slack/events` for Slack, `/healthz`, `/readyz` and `/metrics` for whoever runs it."""
