"""Estimators by scikit-learn's own checks, beside scikit-learn's estimators, and in its tools."""

import pickle

import numpy as np
import pandas
import pytest
import sklearn.ensemble
import sklearn.tree
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from hitflop.sklearn import (
    DecisionTreeClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)

ESTIMATORS = [
    RandomForestClassifier(n_estimators=20, random_state=0),
    ExtraTreesClassifier(n_estimators=20, random_state=0),
    DecisionTreeClassifier(random_state=0),
    GradientBoostingClassifier(n_estimators=20, random_state=0),
]


def expected_failures(estimator):
    """Checks that are not passed, and why."""
    failures = {}
    if not isinstance(estimator, GradientBoostingClassifier):
        # scikit-learn's own trees pass it by min_weight_fraction_leaf, which the check sets where there is such a parameter.
        failures["check_class_weight_classifiers"] = "fully grown trees have pure leaves whatever the weights"
    if isinstance(estimator, RandomForestClassifier):
        # As scikit-learn expects of its own forest: samples are drawn, so that weights are not repetitions.
        reason = "sample_weight is not equivalent to removing or repeating samples"
        failures["check_sample_weight_equivalence_on_dense_data"] = reason
        failures["check_sample_weight_equivalence_on_sparse_data"] = reason
    return failures


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.fixture(params=ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
def estimator(request):
    return clone(request.param)


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return train_test_split(X, y, random_state=1)


def test_scores_are_near_those_of_scikit_learn(cancer):
    X, X_test, y, y_test = cancer
    for own, peer in (
        (RandomForestClassifier(200, random_state=0), sklearn.ensemble.RandomForestClassifier(200, random_state=0)),
        (ExtraTreesClassifier(200, random_state=0), sklearn.ensemble.ExtraTreesClassifier(200, random_state=0)),
        (GradientBoostingClassifier(random_state=0), sklearn.ensemble.GradientBoostingClassifier(random_state=0)),
        (DecisionTreeClassifier(max_depth=4, random_state=0), sklearn.tree.DecisionTreeClassifier(max_depth=4, random_state=0)),
    ):
        found, expected = (
            roc_auc_score(y_test, it.fit(X, y).predict_proba(X_test)[:, 1]) for it in (own, peer)
        )
        assert found > expected - 0.02, (type(own).__name__, found, expected)


def test_a_tree_on_few_values_is_scikit_learns():
    rng = np.random.default_rng(3)
    X = rng.integers(0, 40, size=(800, 4)).astype(float)
    y = (X[:, 0] * 2 + X[:, 1] + rng.normal(0, 12, 800) > 60).astype(int)
    weights = rng.integers(1, 4, 800).astype(float)
    # Deeper nodes have equal splits, among which the choice differs.
    options = {"max_depth": 3, "min_samples_leaf": 3}
    for sample_weight in (None, weights):
        own = DecisionTreeClassifier(random_state=0, **options).fit(X, y, sample_weight)
        peer = sklearn.tree.DecisionTreeClassifier(random_state=0, **options).fit(X, y, sample_weight)
        assert np.allclose(own.predict_proba(X), peer.predict_proba(X), atol=1e-6)
        assert np.allclose(own.feature_importances_, peer.feature_importances_, atol=1e-6)
        assert own.get_depth() == peer.get_depth()


def test_any_two_labels(estimator, two_classes):
    X, y = two_classes
    expected = clone(estimator).fit(X, y)
    for labels in (np.array(["flop", "hit"]), np.array([False, True]), np.array([-1, 1]), np.array([2.0, 7.0])):
        fitted = clone(estimator).fit(X, labels[y])
        assert list(fitted.classes_) == sorted(labels.tolist())
        assert (fitted.predict(X) == labels[expected.predict(X)]).all()
        assert (fitted.predict_proba(X) == expected.predict_proba(X)).all()


def test_weights_of_classes_and_samples(estimator, two_classes):
    X, y = two_classes
    estimator.set_params(min_samples_leaf=40)
    plain = clone(estimator).fit(X, y).predict_proba(X)[:, 1].mean()
    heavy = clone(estimator).set_params(class_weight={0: 1, 1: 10}).fit(X, y).predict_proba(X)[:, 1].mean()
    by_sample = clone(estimator).fit(X, y, np.where(y == 1, 10.0, 1.0)).predict_proba(X)[:, 1].mean()
    assert heavy > plain + 0.05 and by_sample > plain + 0.05
    none = clone(estimator).fit(X, y, np.ones(len(y))).predict_proba(X)
    assert (none == clone(estimator).fit(X, y).predict_proba(X)).all()
    balanced = clone(estimator).set_params(class_weight="balanced").fit(X, y)
    counts = np.bincount(y)
    by_hand = {0: len(y) / (2 * counts[0]), 1: len(y) / (2 * counts[1])}
    expected = clone(estimator).set_params(class_weight=by_hand).fit(X, y)
    assert np.allclose(balanced.predict_proba(X), expected.predict_proba(X))


def test_pickled_estimators_predict_the_same(estimator, two_classes):
    X, y = two_classes
    fitted = estimator.fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict_proba(X) == fitted.predict_proba(X)).all()
    assert (again.feature_importances_ == fitted.feature_importances_).all()
    assert again.get_params() == fitted.get_params()


def test_results_do_not_depend_on_threads(estimator, two_classes):
    X, y = two_classes
    expected = clone(estimator).fit(X, y).predict_proba(X)
    for n_jobs in (1, 2, -1, -2):
        assert (clone(estimator).set_params(n_jobs=n_jobs).fit(X, y).predict_proba(X) == expected).all()


def test_tools_of_scikit_learn(estimator, two_classes):
    X, y = two_classes
    frame = pandas.DataFrame(X, columns=[f"feature {index}" for index in range(X.shape[1])])
    pipeline = make_pipeline(StandardScaler(), clone(estimator))
    assert cross_val_score(pipeline, frame, y, cv=3, scoring="roc_auc").mean() > 0.8
    grid = {"min_samples_leaf": [1, 20]}
    search = GridSearchCV(clone(estimator), grid, cv=3, n_jobs=2).fit(frame, y)
    assert search.best_params_["min_samples_leaf"] in (1, 20)
    assert list(search.best_estimator_.feature_names_in_) == list(frame.columns)
    calibrated = CalibratedClassifierCV(clone(estimator), cv=3).fit(X, y)
    assert calibrated.predict_proba(X).shape == (len(y), 2)


def test_contributions_add_up(estimator, two_classes):
    X, y = two_classes
    fitted = estimator.fit(X, y)
    base, values = fitted.explain(X)
    probability = fitted.predict_proba(X)[:, 1]
    output = probability
    if isinstance(estimator, GradientBoostingClassifier):
        output = np.log(probability / (1 - probability))
    assert np.allclose(base + values.sum(axis=1), output, atol=1e-9)


def test_parameters_out_of_range_are_refused(two_classes):
    X, y = two_classes
    for estimator, message in (
        (RandomForestClassifier(0), "n_estimators: expected a whole number from 1"),
        (RandomForestClassifier(max_features="most"), 'expected "sqrt", "log2"'),
        (GradientBoostingClassifier(learning_rate=2), "learning_rate"),
        (GradientBoostingClassifier(max_depth=None), "max_leaf_nodes: expected"),
        (DecisionTreeClassifier(criterion="variance"), "variance"),
    ):
        with pytest.raises(ValueError, match=message):
            estimator.fit(X, y)


def test_distillation(two_classes):
    X, y = two_classes
    plain = GradientBoostingClassifier(20, random_state=0).fit(X, y)
    networks = {"networks": np.int64(2), "hidden_layer_sizes": np.array([32, 16]), "copies": 2}
    distilled = GradientBoostingClassifier(20, distillation=networks, random_state=0).fit(X, y)
    assert not np.allclose(distilled.predict_proba(X), plain.predict_proba(X))
    assert distilled.score(X, y) > 0.8
    assert clone(distilled).get_params()["distillation"]["copies"] == 2
    with pytest.raises(ValueError, match="distillation.epochs: expected a whole number from 1 to 10000"):
        GradientBoostingClassifier(distillation={"epochs": 0}).fit(X, y)


def test_early_stopping_and_oob_score(two_classes):
    X, y = two_classes
    stopped = GradientBoostingClassifier(500, n_iter_no_change=5, random_state=0).fit(X, y)
    assert 0 < stopped.n_estimators_ < 500
    forest = RandomForestClassifier(100, oob_score=True, random_state=0).fit(X, y)
    assert 0.7 < forest.oob_score_ < 1
    with pytest.raises(AttributeError, match="oob_score=True"):
        RandomForestClassifier(5).fit(X, y).oob_score_
