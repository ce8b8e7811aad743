"""What Slack delivers, a module for each kind of delivery."""
