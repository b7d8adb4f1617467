"""ONNX: the same labels and probabilities as the program, whatever the input. Run on two versions of ONNX Runtime."""

import json

import numpy as np
import onnxruntime
import pytest


def session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def run(found, records):
    label, probabilities = found.run(["label", "probabilities"], {"features": np.ascontiguousarray(records, np.float32)})
    return probabilities[:, 1], label


def same(model, exported, records):
    """Both models on 32-bit floats: probabilities and labels."""
    records = np.asarray(records, dtype=np.float32)
    probability, label = run(exported, records)
    expected, expected_label = model.score_tracks(records.astype(np.float64), allow_missing=True)
    # The program's sums are rounded once a tree, those of the export are exact.
    assert np.abs(probability - expected).max() <= 1e-12
    differing = label != expected_label
    assert not differing.any(), probability[differing] - model.threshold


@pytest.fixture(scope="module")
def exported(work, model, model_file):
    path = work / f"{model_file.stem}.onnx"
    model.export_onnx(path)
    return session(path)


def records(model, tracks):
    return tracks[model.features].to_numpy(dtype=np.float32)


def test_all_tracks_have_the_same_labels_and_probabilities(model, exported, tracks):
    same(model, exported, records(model, tracks))


def test_decimals_as_32_bit_floats_are_on_the_same_side(model, exported, tracks, predicted):
    """The program reads the decimals of the files as 64-bit floats."""
    probability, label = run(exported, records(model, tracks))
    expected, expected_label = predicted
    differing = np.abs(probability - expected) > 1e-6
    # Values that 64-bit floats tell apart and 32-bit floats do not, with a threshold between them.
    assert differing.mean() < 2e-4, differing.sum()
    assert (label != expected_label).mean() < 2e-4


def test_missing_values_in_every_column(model, exported, tracks):
    some = records(model, tracks)[:3000]
    rng = np.random.default_rng(2)
    for column in range(some.shape[1]):
        holes = some.copy()
        holes[:, column] = np.nan
        same(model, exported, holes)
    for share in (0.1, 0.5, 0.9):
        holes = some.copy()
        holes[rng.random(some.shape) < share] = np.nan
        holes = holes[~np.isnan(holes[:, [name != "decade" for name in model.features]]).all(axis=1)]
        same(model, exported, holes)


def thresholds(model):
    """The thresholds of each feature, from the LightGBM export: 64-bit floats."""
    found = {index: set() for index in range(len(model.features))}
    lines = model.lightgbm_text().splitlines()
    for line, next_line in zip(lines, lines[2:]):
        if line.startswith("split_feature="):
            for feature, threshold in zip(line[14:].split(), next_line[len("threshold="):].split()):
                found[int(feature)].add(float(threshold))
    return found


def test_the_same_branch_at_every_threshold_and_one_float_beside(model, exported, tracks):
    base = records(model, tracks)[:200]
    rng = np.random.default_rng(3)
    whole = {"key", "mode", "time_signature", "duration_ms", "sections", "decade"}
    for index, cuts in thresholds(model).items():
        cuts = np.array(sorted(cut for cut in cuts if abs(cut) < 3e38))
        near = cuts.astype(np.float32)
        around = np.concatenate([near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))])
        if model.features[index] in whole:
            # The reader of values takes whole numbers only.
            around = np.unique(np.concatenate([np.floor(near), np.ceil(near)]))
        around = around[np.isfinite(around)]
        if model.features[index] == "decade":
            around = around[(around >= 1900) & (around < 2030)]
        if not len(around):
            continue
        rows = base[rng.integers(0, len(base), len(around))].copy()
        rows[:, index] = around
        same(model, exported, rows)


def test_a_label_does_not_depend_on_the_batch(model, exported, tracks):
    some = records(model, tracks)[:300]
    together = run(exported, some)
    for one in range(0, 300, 7):
        alone = run(exported, some[one:one + 1])
        assert (alone[0] == together[0][one]).all() and (alone[1] == together[1][one]).all()
    assert [len(part) for part in run(exported, some[:0])] == [0, 0]


def test_the_file_describes_the_model(model, exported):
    metadata = exported.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["features"]) == model.features
    assert float(metadata["threshold"]) == model.threshold
    assert json.loads(metadata["model"]) == model.metadata
    assert exported.get_inputs()[0].shape[1] == len(model.features)


def test_the_file_is_valid(work, model, model_file):
    onnx = pytest.importorskip("onnx")
    model.export_onnx(work / "checked.onnx")
    onnx.checker.check_model(onnx.load(work / "checked.onnx"), full_check=True)


def test_estimators_are_exported(work, two_classes):
    sklearn = pytest.importorskip("hitflop.sklearn")
    X, y = two_classes
    for estimator in (
        sklearn.RandomForestClassifier(30, random_state=1),
        sklearn.RandomForestClassifier(30, random_state=1, class_weight="balanced"),
        sklearn.ExtraTreesClassifier(30, random_state=1),
        sklearn.DecisionTreeClassifier(random_state=1),
        sklearn.GradientBoostingClassifier(random_state=1),
        sklearn.GradientBoostingClassifier(3, max_depth=1, min_samples_leaf=400, random_state=1),
    ):
        X32 = X.astype(np.float32)
        fitted = estimator.fit(X32.astype(np.float64), y)
        fitted.export_onnx(work / "estimator.onnx")
        probability, label = run(session(work / "estimator.onnx"), X32)
        assert np.abs(probability - fitted.predict_proba(X32.astype(np.float64))[:, 1]).max() < 1e-12
        near = np.abs(probability - 0.5) < 1e-12
        assert (label == fitted.predict(X32.astype(np.float64)))[~near].all()


def test_a_tree_of_one_leaf_is_exported(work):
    sklearn = pytest.importorskip("hitflop.sklearn")
    X, y = np.zeros((8, 2)), np.array([0, 1, 1, 1, 0, 1, 1, 1])
    for estimator in (
        sklearn.RandomForestClassifier(5, random_state=1),
        sklearn.DecisionTreeClassifier(),
        sklearn.GradientBoostingClassifier(5),
    ):
        fitted = estimator.fit(X, y)
        fitted.export_onnx(work / "leaf.onnx")
        found, _ = run(session(work / "leaf.onnx"), [[0, 1], [np.nan, 3], [5, 5]])
        assert np.abs(found - fitted.predict_proba([[0, 1], [np.nan, 3], [5, 5]])[:, 1]).max() < 1e-15
