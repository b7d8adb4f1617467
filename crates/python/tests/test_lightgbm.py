"""LightGBM's text format: LightGBM, treelite and shap read it and agree."""

import lightgbm
import numpy as np
import pytest
import shap
import treelite

from hitflop.sklearn import (
    DecisionTreeClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)


@pytest.fixture(scope="module")
def raw(model, complete):
    """Probabilities of the complete tracks before the calibration."""
    explanation = model.explain(complete)
    if explanation.scale == "probability":
        return explanation.output
    return 1 / (1 + np.exp(-explanation.output))


@pytest.fixture(scope="module")
def complete(model, tracks):
    """Tracks that lack nothing: LightGBM's format has no place for the models that answer the others."""
    return tracks[model.features].to_numpy(dtype=float)[:4000]


def divisor_of_contributions(booster):
    """LightGBM averages the answers of a forest's trees, but adds up their contributions."""
    return booster.num_trees() if "\naverage_output\n" in booster.model_to_string() else 1


def test_lightgbm_agrees(work, model, complete, raw):
    model.export_lightgbm(work / "model.txt")
    booster = lightgbm.Booster(model_file=str(work / "model.txt"))
    assert booster.feature_name() == model.features
    assert np.abs(booster.predict(complete) - raw).max() < 1e-12


def test_treelite_agrees(work, model, complete, raw):
    model.export_lightgbm(work / "model.txt")
    found = treelite.frontend.load_lightgbm_model(work / "model.txt")
    predicted = treelite.gtil.predict(found, complete).reshape(-1)
    assert np.abs(predicted - raw).max() < 1e-12


def test_shap_agrees(work, model, complete):
    some = complete[:200]
    model.export_lightgbm(work / "model.txt")
    explainer = shap.TreeExplainer(lightgbm.Booster(model_file=str(work / "model.txt")))
    values = np.asarray(explainer.shap_values(some))
    values = values[..., 1] if values.ndim == 3 else values
    expected = model.explain(some)
    divisor = divisor_of_contributions(explainer.model.original_model)
    assert np.abs(values / divisor - expected.values).max() < 1e-9
    base = np.atleast_1d(explainer.expected_value)[-1] / divisor
    assert np.abs(base - expected.base).max() < 1e-9


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(30, random_state=1),
        RandomForestClassifier(30, random_state=1, class_weight={0: 1, 1: 3}),
        ExtraTreesClassifier(30, random_state=1),
        DecisionTreeClassifier(random_state=1),
        GradientBoostingClassifier(random_state=1),
        GradientBoostingClassifier(20, symmetric=True, max_depth=5, random_state=1),
    ],
    ids=str,
)
def test_estimators_are_read(estimator, two_classes, tmp_path):
    """Samples with missing values."""
    X, y = two_classes
    fitted = estimator.fit(X, y)
    booster = fitted.to_lightgbm()
    probabilities = fitted.predict_proba(X)[:, 1]
    assert np.abs(booster.predict(X) - probabilities).max() < 1e-12
    booster.save_model(tmp_path / "model.txt")
    found = treelite.frontend.load_lightgbm_model(tmp_path / "model.txt")
    assert np.abs(treelite.gtil.predict(found, X).reshape(-1) - probabilities).max() < 1e-12
    if estimator.class_weight is None:
        base, values = fitted.explain(X)
        contributions = booster.predict(X, pred_contrib=True) / divisor_of_contributions(booster)
        assert np.abs(contributions[:, :-1] - values).max() < 1e-9
        assert np.abs(contributions[:, -1] - base).max() < 1e-9


def test_trees_of_one_leaf_are_read():
    X, y = np.zeros((8, 2)), np.array([0, 1, 1, 1, 0, 1, 1, 1])
    for estimator in (RandomForestClassifier(5), DecisionTreeClassifier(), GradientBoostingClassifier(5)):
        fitted = estimator.fit(X, y)
        found = fitted.to_lightgbm().predict(np.array([[0, 1], [np.nan, 3]]))
        assert np.abs(found - fitted.predict_proba(X[:2])[:, 1]).max() < 1e-12


def test_names_of_features_are_those_that_the_format_allows(two_classes):
    import pandas

    X, y = two_classes
    frame = pandas.DataFrame(X, columns=["a b", "c,d", "é", "x:y", "[z]", "plain"])
    booster = DecisionTreeClassifier().fit(frame, y).to_lightgbm()
    assert booster.feature_name() == ["a_b", "c_d", "é", "x_y", "_z_", "plain"]
