"""Import of case folders: schema, readers, checks, loader. Only tables of this app are known here."""
