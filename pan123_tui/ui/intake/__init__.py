"""What comes in from the terminal: bytes to text, text to keys, pastes and replies."""
