"""The wire: the one client, its credentials and pace, and the removal of secrets from anything shown."""
