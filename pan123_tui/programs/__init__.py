"""What runs until it is ended: the dashboard, here or on a host, the engine, and the demo."""
