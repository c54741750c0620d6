"""What stands between the course's clients and a schema registry."""
