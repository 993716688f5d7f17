"""National tables: Open SDG and other layouts of statistical offices."""
