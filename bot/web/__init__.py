"""The HTTP edge: `/slack/events` for Slack, `/healthz` and `/readyz` for whoever runs it."""
