"""A case folder from official raw files alone; pure of the database, so that it can be read and tested as a whole."""
