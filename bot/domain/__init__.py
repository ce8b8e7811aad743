"""What Portcullis exists for, as pure Python: no I/O, no database, no Slack."""
