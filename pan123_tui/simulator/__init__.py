"""An imitation of the 123pan open platform on loopback; it shares no code with the client."""
