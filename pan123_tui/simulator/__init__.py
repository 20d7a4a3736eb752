"""The service of `--demo`, an imitation of the 123pan open platform.

It imports nothing of the client: both would otherwise agree on the same mistake.
"""
