"""Settings, addresses, servers and the embedded database of the project."""
