"""The input screen: links are pasted, reviewed and queued."""
