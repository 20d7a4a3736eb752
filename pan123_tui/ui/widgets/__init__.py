"""One module a widget; widgets know the domain only."""
