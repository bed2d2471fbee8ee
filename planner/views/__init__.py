"""Pages of our own in the admin: home, maps, charts, comparison, help; the site that carries them."""
