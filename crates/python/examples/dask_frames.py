"""Scores Parquet files with Dask. usage: python examples/dask_frames.py MODEL INPUT OUTPUT"""

import sys

import dask.dataframe

from hitflop import Model

model = Model.load(sys.argv[1])
tracks = dask.dataframe.read_parquet(sys.argv[2])
schema = tracks.head(0).assign(label=0, probability=0.0)
score = lambda part: part.assign(label=model.predict(part), probability=model.predict_proba(part)[:, 1])
tracks.map_partitions(score, meta=schema).to_parquet(sys.argv[3], write_index=False)
