"""Links: found in any text, checked, named and reviewed."""
