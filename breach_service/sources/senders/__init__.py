"""One sender each: how it says things, and how it proves who it is."""
