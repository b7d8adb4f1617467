"""Writes the profiling report of another library about the decade files.

usage: python benches/profilers.py fg-data-profiling|sweetviz DATA_DIR PAGE.html
"""
import pathlib, sys

import numpy as np
import pandas as pd

library, data, page = sys.argv[1:]
files = sorted(pathlib.Path(data).glob("dataset-of-*s.csv"))
tracks = pd.concat([pd.read_csv(file).assign(decade=file.stem[-3:]) for file in files], ignore_index=True)
if library == "sweetviz":
    # sweetviz names a warning that NumPy 2 has moved.
    np.VisibleDeprecationWarning = np.exceptions.VisibleDeprecationWarning
    import sweetviz

    sweetviz.analyze(tracks, target_feat="target", pairwise_analysis="on").show_html(page, open_browser=False)
else:
    import data_profiling

    data_profiling.ProfileReport(tracks, title="Tracks", progress_bar=False).to_file(page)
