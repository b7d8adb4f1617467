"""Models of hit songs in Python.

>>> import hitflop
>>> model = hitflop.Model.load("models/hitflop.model")
>>> model.predict_proba(tracks)[:, 1]      # pandas, Polars, PyArrow, NumPy, dictionaries

:class:`Model` scores and explains tracks by a model file of the program ``hitflop``. :mod:`hitflop.sklearn` has the estimators
for scikit-learn, :mod:`hitflop.spark` scores data frames on a cluster, and :func:`run`, :func:`explore` and
:func:`command` call the program.
"""

from ._hitflop import HitflopError, __version__
from ._model import Explanation, Model
from ._program import command, explore, findings, run

__all__ = ["Explanation", "HitflopError", "Model", "__version__", "command", "explore", "findings", "run"]
