"""Screen on which links are pasted, reviewed and queued."""
