"""Portcullis: a Slack bot that stands in front of a Microsoft 365 tenant's mail-filter overrides."""

__version__ = "0.1.0"
