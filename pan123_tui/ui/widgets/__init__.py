"""One module for each widget; widgets know only the domain and how it is worded."""
