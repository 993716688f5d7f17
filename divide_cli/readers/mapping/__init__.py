"""Raw rows -> observations: columns, areas, series, numbers, and what becomes of each row."""
