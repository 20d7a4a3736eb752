"""What runs until it is ended: the dashboard, for this machine or a host, the engine, the demo."""
