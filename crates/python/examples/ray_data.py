"""Scores Parquet files with Ray Data. usage: python examples/ray_data.py MODEL INPUT OUTPUT"""

import sys

import pyarrow
import ray

from hitflop import Model
from hitflop.spark import batch_scorer

score = batch_scorer(Model.load(sys.argv[1]), ["label", "probability"], {})
tracks = ray.data.read_parquet(sys.argv[2])
scored = tracks.map_batches(lambda table: pyarrow.Table.from_batches(score(table.to_batches())), batch_format="pyarrow")
scored.write_parquet(sys.argv[3])
