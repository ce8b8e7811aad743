"""What happens to a request, a module for each step."""
