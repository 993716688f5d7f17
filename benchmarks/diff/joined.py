"""Compares two files with datacompy, as its documentation shows and prints the counts: `joined.py pandas A B KEYS`."""

import json
import sys

library, before, after, keys = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4].split(",")
columns = [*keys, "OBS_VALUE"]
if library == "pandas":
    import pandas as pd
    from datacompy import PandasCompare as Compare

    sides = [pd.read_csv(name, usecols=columns, keep_default_na=False) for name in (before, after)]
else:
    import polars as pl
    from datacompy import PolarsCompare as Compare

    sides = [pl.read_csv(name, columns=columns) for name in (before, after)]
compared = Compare(*sides, join_columns=keys)
changed = len(compared.intersect_rows) - compared.count_matching_rows()
counts = {"changed": changed, "withdrawn": len(compared.df1_unq_rows), "added": len(compared.df2_unq_rows)}
print(json.dumps({name: int(count) for name, count in counts.items()}))
