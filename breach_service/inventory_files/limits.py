"""How much a file may hold: far above any register, far below what fills a machine."""

MOST_BYTES = 20_000_000
"""A file as it is sent."""
MOST_UNPACKED = 100_000_000
"""All that is unpacked of one spreadsheet."""
MOST_ROWS = 50_000
"""Rows of one sheet that hold anything."""
MOST_CELLS = 1_000_000
"""Cells of one file that hold anything."""
MOST_COLUMNS = 1_024
"""Columns of one sheet; what stands further right is refused."""
MOST_SHEETS = 500
MOST_FAULTS = 2_000
"""Faults of one sheet that are told."""
MOST_CHARACTERS = 50_000_000
"""Of the texts of all cells of one file; a text that cells share counts for each of them."""
LONGEST_CELL = 32_767
"""Characters: what the common spreadsheets can hold in one cell."""
DEEPEST = 64
"""Elements one inside the other."""
