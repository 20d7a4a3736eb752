"""The entrance for programs that speak aria2's JSON-RPC, such as browser extensions."""
