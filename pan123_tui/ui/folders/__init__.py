"""A field for a folder, with suggestions, and the dialog for one that is gone."""
