"""The outbox: durable work, taken by lease."""
