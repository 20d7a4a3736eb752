"""Tasks on disk: TinyDB on a storage that survives a crash."""
