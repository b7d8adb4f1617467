"""The program called from Python, and the notebook."""

import pathlib

import nbclient
import nbformat
import pytest

import hitflop

NOTEBOOK = pathlib.Path(__file__).parent.parent / "examples" / "hits.ipynb"


def test_findings_are_data_frames(work, data, tracks):
    found = hitflop.explore("--processed", work / "explored.parquet", data=data, reports=work / "explored")
    assert found["counts"].query("decade != 'all'")["tracks"].sum() == len(tracks)
    assert found["counts"].query("decade == 'all'")["tracks"].tolist() == [len(tracks)]
    means = found["means"].query("decade == 'all' and label == '1' and feature == 'energy'")["mean"].iloc[0]
    assert abs(means - tracks.query("target == 1")["energy"].mean()) < 1e-12
    assert hitflop.findings(work / "explored").keys() == found.keys()
    with pytest.raises(hitflop.HitflopError, match="expected the directory of a report"):
        hitflop.findings(work)


def test_errors_of_the_program_are_exceptions(work, data):
    with pytest.raises(hitflop.HitflopError, match="error: "):
        hitflop.run(data=work / "nowhere", reports=work / "none", models=work / "none")
    with pytest.raises(hitflop.HitflopError, match='found "no-such-program"'):
        hitflop.command("run", program="no-such-program")


def test_run_fits_a_model(work, data, monkeypatch):
    monkeypatch.chdir(work)
    summary = hitflop.run("--model", "tree", "--simulated", reports=work / "run", models=work / "run")
    assert summary["command"] == "run"
    assert "leaderboard" in hitflop.findings(work / "run")


def test_the_notebook_runs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    images = [output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    assert len(images) == 2
