"""One module for each widget; widgets know only the domain."""
