"""What a task is and how it lives: pure values and rules, no I/O."""
