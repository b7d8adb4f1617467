"""Scores Parquet files with Dask. usage: python examples/dask_frames.py MODEL INPUT OUTPUT"""

import sys

import dask.dataframe

from hitflop import Model

model = Model.load(sys.argv[1])
tracks = dask.dataframe.read_parquet(sys.argv[2])
scored = tracks.map_partitions(lambda part: part.assign(label=model.predict(part), probability=model.predict_proba(part)[:, 1]))
scored.to_parquet(sys.argv[3], write_index=False)
