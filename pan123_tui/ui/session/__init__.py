"""The connection of the screens with their engine, and what they keep between them."""
