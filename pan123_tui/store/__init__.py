"""How the tasks outlive the program: files that are replaced whole, and one writer at a time."""
