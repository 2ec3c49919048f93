"""The company's pager, by whatever product it has: told that people are needed, that somebody came, that it is over.

Each module is read where its product is set up: who has none need not wait for the library that reaches it.
"""
