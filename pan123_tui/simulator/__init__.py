"""A stand-in for the 123pan open platform, on loopback, that shares no code with the client.

`world.py` is the service without HTTP, `routes.py` puts it behind HTTP, `server.py` runs it,
`words.py` lists the words in a link that script what happens to it, `demo.py` fills a world for
a first look. This package itself imports nothing, so that naming it costs nothing.
"""
