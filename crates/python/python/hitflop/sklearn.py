"""Estimators for scikit-learn for two classes: random forest, extremely randomised trees, gradient boosting, decision tree.

The names of parameters and attributes are scikit-learn's. Features are cut into at most 255 bins (``max_bins``), so that a split
costs the same whatever the number of distinct values; NaN is a missing value, and each split learns where it goes.

>>> from hitflop.sklearn import RandomForestClassifier
>>> RandomForestClassifier(n_estimators=500, random_state=0).fit(X, y).predict_proba(X)

The estimators pass scikit-learn's ``check_estimator`` (fully grown trees but for the check of class weights) and work in ``Pipeline``, ``GridSearchCV``, ``cross_val_score`` and
``CalibratedClassifierCV``. ``export_lightgbm`` writes them for shap, LightGBM and treelite, ``export_onnx`` for ONNX Runtime.
"""

from __future__ import annotations

import copyreg
import json
import os
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ._hitflop import FittedTrees, HitflopError, trees_lightgbm, trees_onnx

__all__ = ["DecisionTreeClassifier", "ExtraTreesClassifier", "GradientBoostingClassifier", "RandomForestClassifier"]


#: Parameters of the engine that have other names in scikit-learn, as messages have them.
_RENAMED = {
    "num_leaves": "max_leaf_nodes",
    "early_stopping.validation_share": "validation_fraction",
    "early_stopping.rounds": "n_iter_no_change",
}


def _restored(header: str, trees: bytes) -> FittedTrees:
    return FittedTrees.from_state(header, trees)


copyreg.pickle(FittedTrees, lambda fitted: (_restored, fitted.state()))


class _TreesClassifier(ClassifierMixin, BaseEstimator):
    """What all estimators share."""

    classes_: np.ndarray
    feature_names_in_: np.ndarray
    n_features_in_: int

    def _params(self, seed: int, class_weights: list[float] | None) -> dict[str, Any]:
        """Parameters of the engine, by kind."""
        raise NotImplementedError

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fits the estimator.

        :param X: samples × features; NaN is a missing value.
        :param y: classes, of two kinds.
        :param sample_weight: weight of each sample, at least 0; default: 1.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, order="C", ensure_all_finite="allow-nan")
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        self.classes_, targets = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}; "
                f"expected 2 classes, found {len(self.classes_)}"
            )
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
            present = weights > 0
            if not present.any() or len(np.unique(targets[present])) < len(self.classes_):
                raise ValueError("sample_weight: expected a weight above 0 for each class, found a class without one")
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        params = self._params(seed, self._class_weights(targets))
        if weights is not None or "_row_weights" in params:
            by_class = params.pop("_row_weights", None)
            weights = np.ones(len(targets)) if weights is None else weights
            weights = weights if by_class is None else weights * np.asarray(by_class)[targets]
            weights = weights.astype(np.float32)
        try:
            self._trees = FittedTrees.fit(json.dumps(params), X, targets == 1, weights, self._threads())
        except HitflopError as error:
            message = str(error)
            for engine, own in _RENAMED.items():
                message = message.replace(engine, own)
            raise HitflopError(message) from None
        return self

    def _class_weights(self, targets: np.ndarray) -> list[float] | None:
        """Weights of the first and the second class."""
        if self.class_weight is None:
            return None
        classes = np.arange(len(self.classes_))
        weights = self.class_weight
        if not isinstance(weights, str):
            weights = {
                index: weights[label] for index, label in enumerate(self.classes_.tolist()) if label in weights
            }
        found = compute_class_weight(weights, classes=classes, y=targets).tolist()
        return found if len(found) == 2 else [found[0], found[0]]

    def _threads(self) -> int | None:
        if self.n_jobs is None or self.n_jobs == -1:
            return None
        if self.n_jobs < 0:
            return max(1, (os.cpu_count() or 1) + 1 + self.n_jobs)
        return self.n_jobs

    def _records(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return validate_data(self, X, dtype=np.float64, order="C", ensure_all_finite="allow-nan", reset=False)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class: samples × classes, in the order of ``classes_``."""
        X = self._records(X)
        if len(self.classes_) == 1:
            return np.ones((len(X), 1))
        positive = self._trees.predict_proba(X, self._threads())
        return np.column_stack((1.0 - positive, positive))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logarithm of the probability of each class."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> np.ndarray:
        """The class with the greater probability; of equal ones the first."""
        probabilities = self.predict_proba(X)
        return self.classes_[np.argmax(probabilities, axis=1)]

    def explain(self, X: Any) -> tuple[float, np.ndarray]:
        """Base value and contributions (Shapley values, path-dependent TreeSHAP) to the output for the second class.

        The output is the probability; of a gradient boosting, the log odds. ``base + contributions.sum(axis=1)`` is the output.
        """
        return self._trees.explain(self._records(X))

    @property
    def feature_importances_(self) -> np.ndarray:
        """Each feature's share of what the splits on it bring: decrease of impurity, or gain of a boosting."""
        check_is_fitted(self)
        return np.array(self._trees.importances())

    def lightgbm_text(self) -> str:
        """The estimator in LightGBM's text format, for the second class. A forest predicts the probability itself."""
        check_is_fitted(self)
        return trees_lightgbm(self._trees, self._feature_names())

    def export_lightgbm(self, path: str | os.PathLike[str]) -> None:
        """Writes :meth:`lightgbm_text` to a file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.lightgbm_text())

    def to_lightgbm(self) -> Any:
        """A ``lightgbm.Booster`` that predicts as the estimator does; ``shap.TreeExplainer`` takes it."""
        import lightgbm

        return lightgbm.Booster(model_str=self.lightgbm_text())

    def onnx_bytes(self) -> bytes:
        """The estimator as ONNX: the input ``features``, the outputs ``label`` (index in ``classes_``) and
        ``probabilities``."""
        check_is_fitted(self)
        return trees_onnx(self._trees, self._feature_names(), json.dumps(self.classes_.tolist()))

    def export_onnx(self, path: str | os.PathLike[str]) -> None:
        """Writes :meth:`onnx_bytes` to a file."""
        with open(path, "wb") as file:
            file.write(self.onnx_bytes())

    def _feature_names(self) -> list[str]:
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            return [f"x{index}" for index in range(self.n_features_in_)]
        # Characters that LightGBM does not allow in a name.
        return ["".join("_" if letter in ' \t\n",:[]{}' else letter for letter in str(name)) for name in names]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_trees")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags


class RandomForestClassifier(_TreesClassifier):
    """Random forest for two classes, with the semantics of scikit-learn's ``RandomForestClassifier``.

    :param n_estimators: number of trees.
    :param criterion: ``"gini"`` or ``"entropy"``.
    :param max_depth: maximum number of splits between the root and a leaf; None for no limit.
    :param min_samples_split: minimum number of samples in a node that is split.
    :param min_samples_leaf: minimum number of samples in a leaf.
    :param max_features: features tried for a split: ``"sqrt"``, ``"log2"``, None for all, a number or a fraction.
    :param bootstrap: whether each tree has samples drawn with replacement.
    :param oob_score: whether to compute ``oob_score_`` on the samples that a tree was not given.
    :param n_jobs: number of threads; None or -1 for all of the process.
    :param random_state: seed, generator or None.
    :param class_weight: ``"balanced"``, a dictionary of weights from 1e-6 to 1e6, or None.
    :param max_samples: samples drawn for a tree: a number, a fraction, or None for as many as there are.
    :param max_bins: maximum number of bins of a feature, 2 to 255.
    """

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        max_features: str | int | float | None = "sqrt",
        bootstrap: bool = True,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        class_weight: Any = None,
        max_samples: int | float | None = None,
        max_bins: int = 255,
    ):
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.class_weight = class_weight
        self.max_samples = max_samples
        self.max_bins = max_bins

    _splitter = "best"

    def _params(self, seed: int, class_weights: list[float] | None) -> dict[str, Any]:
        forest = {
            "n_estimators": self.n_estimators,
            "criterion": self.criterion,
            "splitter": self._splitter,
            "max_depth": self.max_depth,
            "min_samples_split": self.min_samples_split,
            "min_samples_leaf": self.min_samples_leaf,
            "max_features": self.max_features,
            "bootstrap": self.bootstrap,
            "oob_score": self.oob_score,
            "max_samples": self.max_samples,
            "class_weight": class_weights,
            "max_bins": self.max_bins,
            "seed": seed,
        }
        return {"forest": _plain(forest)}

    @property
    def oob_score_(self) -> float:
        """Accuracy on the samples that a tree was not given; with ``oob_score``."""
        check_is_fitted(self)
        score = self._trees.oob_score()
        if score is None:
            raise AttributeError("oob_score_: expected oob_score=True in the parameters of the fit")
        return score


class ExtraTreesClassifier(RandomForestClassifier):
    """Extremely randomised trees for two classes: of each feature tried, one cut drawn at random is a candidate.

    The parameters are those of :class:`RandomForestClassifier`; by default, each tree has all samples (``bootstrap=False``).
    """

    _splitter = "random"

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        max_features: str | int | float | None = "sqrt",
        bootstrap: bool = False,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
        class_weight: Any = None,
        max_samples: int | float | None = None,
        max_bins: int = 255,
    ):
        super().__init__(
            n_estimators,
            criterion=criterion,
            max_depth=max_depth,
            min_samples_split=min_samples_split,
            min_samples_leaf=min_samples_leaf,
            max_features=max_features,
            bootstrap=bootstrap,
            oob_score=oob_score,
            n_jobs=n_jobs,
            random_state=random_state,
            class_weight=class_weight,
            max_samples=max_samples,
            max_bins=max_bins,
        )


class DecisionTreeClassifier(_TreesClassifier):
    """Decision tree for two classes (CART) on bins, with the semantics of scikit-learn's ``DecisionTreeClassifier``.

    With at most 255 distinct values of each feature, splits are those of scikit-learn but for the choice among equal ones.

    :param criterion: ``"gini"`` or ``"entropy"``.
    :param max_depth: maximum number of splits between the root and a leaf; None for no limit.
    :param min_samples_split: minimum number of samples in a node that is split.
    :param min_samples_leaf: minimum number of samples in a leaf.
    :param max_features: features tried for a split: None for all, ``"sqrt"``, ``"log2"``, a number or a fraction.
    :param n_jobs: number of threads of prediction; None or -1 for all of the process.
    :param random_state: seed of the order of features, generator or None.
    :param class_weight: ``"balanced"``, a dictionary of weights from 1e-6 to 1e6, or None.
    :param max_bins: maximum number of bins of a feature, 2 to 255.
    """

    def __init__(
        self,
        *,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        max_features: str | int | float | None = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        class_weight: Any = None,
        max_bins: int = 255,
    ):
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.class_weight = class_weight
        self.max_bins = max_bins

    def _params(self, seed: int, class_weights: list[float] | None) -> dict[str, Any]:
        # One tree of a forest on all samples; the tree of the program takes no weights.
        tree = {
            "n_estimators": 1,
            "bootstrap": False,
            "criterion": self.criterion,
            "max_depth": self.max_depth,
            "min_samples_split": self.min_samples_split,
            "min_samples_leaf": self.min_samples_leaf,
            "max_features": self.max_features,
            "class_weight": class_weights,
            "max_bins": self.max_bins,
            "seed": seed,
        }
        return {"forest": _plain(tree)}

    def get_depth(self) -> int:
        """Maximum number of splits between the root and a leaf."""
        check_is_fitted(self)
        return self._trees.depth()


class GradientBoostingClassifier(_TreesClassifier):
    """Gradient boosting for two classes: Newton steps on log loss by trees on histograms.

    The defaults are those of scikit-learn's ``GradientBoostingClassifier``: 100 trees of depth 3. For LightGBM's, set
    ``max_depth=None, max_leaf_nodes=31, min_samples_leaf=20, criterion="newton"``; for trees as CatBoost's, set
    ``symmetric=True, max_depth=6``.

    :param n_estimators: number of trees; the maximum, with ``n_iter_no_change``.
    :param learning_rate: factor of each tree's values; above 0, at most 1.
    :param max_depth: maximum number of splits between the root and a leaf; None for no limit but ``max_leaf_nodes``.
    :param max_leaf_nodes: maximum number of leaves; None for no limit but ``max_depth``.
    :param min_samples_leaf: minimum number of samples in a leaf.
    :param min_child_weight: minimum sum of second derivatives in a leaf, or of weights with ``"friedman_mse"``.
    :param l2_regularization: added to a leaf's sum of second derivatives.
    :param criterion: ``"friedman_mse"`` or ``"newton"``.
    :param symmetric: whether all nodes of a level have the same condition.
    :param subsample: share of the samples that a tree is grown on.
    :param sampling: how that share is drawn: ``"uniform"`` or ``"minimal_variance"``.
    :param colsample_bytree: share of the features that a tree may split on.
    :param validation_fraction: share of the samples held out for early stopping.
    :param n_iter_no_change: stop after so many trees that did not lower the loss on held-out samples; None never to stop.
    :param distillation: whether the trees learn the probabilities of neural networks that are fitted first: None, True, or a
        dictionary of some of ``networks`` (4), ``hidden_layer_sizes`` ([128, 128, 64]), ``epochs`` (20), ``copies`` (3) and
        ``shift`` (0.1).
    :param n_jobs: number of threads; None or -1 for all of the process.
    :param random_state: seed, generator or None.
    :param class_weight: ``"balanced"``, a dictionary of weights, or None; multiplied with the sample weights.
    :param max_bins: maximum number of bins of a feature, 2 to 255.
    """

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        learning_rate: float = 0.1,
        max_depth: int | None = 3,
        max_leaf_nodes: int | None = None,
        min_samples_leaf: int = 1,
        min_child_weight: float = 1e-3,
        l2_regularization: float = 0.0,
        criterion: str = "friedman_mse",
        symmetric: bool = False,
        subsample: float = 1.0,
        sampling: str = "uniform",
        colsample_bytree: float = 1.0,
        validation_fraction: float = 0.1,
        n_iter_no_change: int | None = None,
        distillation: Any = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        class_weight: Any = None,
        max_bins: int = 255,
    ):
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.min_child_weight = min_child_weight
        self.l2_regularization = l2_regularization
        self.criterion = criterion
        self.symmetric = symmetric
        self.subsample = subsample
        self.sampling = sampling
        self.colsample_bytree = colsample_bytree
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.distillation = distillation
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.class_weight = class_weight
        self.max_bins = max_bins

    def _params(self, seed: int, class_weights: list[float] | None) -> dict[str, Any]:
        stopping = None
        if self.n_iter_no_change is not None:
            stopping = _plain({"validation_share": self.validation_fraction, "rounds": self.n_iter_no_change})
        boosting = {
            "n_estimators": self.n_estimators,
            "learning_rate": self.learning_rate,
            "symmetric": self.symmetric,
            "max_depth": self.max_depth,
            "num_leaves": self.max_leaf_nodes,
            "criterion": self.criterion,
            "min_samples_leaf": self.min_samples_leaf,
            "min_child_weight": self.min_child_weight,
            "l2_regularization": self.l2_regularization,
            "subsample": self.subsample,
            "sampling": self.sampling,
            "colsample_bytree": self.colsample_bytree,
            "max_bins": self.max_bins,
            "early_stopping": stopping,
            "distillation": self.distillation,
            "seed": seed,
        }
        params = {"boosting": _plain(boosting)}
        if class_weights is not None:
            params["_row_weights"] = class_weights
        return params

    @property
    def n_estimators_(self) -> int:
        """Number of trees; fewer than ``n_estimators`` after early stopping."""
        check_is_fitted(self)
        return self._trees.n_trees()


def _plain(value: Any) -> Any:
    """Numbers and arrays of NumPy as those of Python, so that they can be written as JSON."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value
