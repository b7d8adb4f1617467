//! A directory that MLflow loads as a Python function.

use std::path::Path;

use serde_json::{json, Value};

use crate::artifact::{describe, sha256, Artifact};
use crate::model::ModelInput;
use hitflop_core::disk::OutputSet;
use hitflop_core::error::{Error, Result};

/// A file of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MlflowFile {
    /// Its name, without a directory.
    pub name: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Name of the model file in the directory.
const MODEL_FILE: &str = "hitflop.model";

/// The files of a directory from which `mlflow.pyfunc.load_model` makes a function from a data frame of the model's features
/// to a data frame of labels and probabilities. It needs the Python package `hitflop`. `bytes` is the model file.
///
/// # Errors
/// The description cannot be written as JSON.
pub fn mlflow(artifact: &Artifact, bytes: &[u8]) -> Result<Vec<MlflowFile>> {
    let package = format!("hitflop=={}", env!("CARGO_PKG_VERSION"));
    let requirements = [package.as_str(), "mlflow-skinny", "pandas"];
    let python = "3.10";
    let environment = json!({
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [format!("python>={python}"), "pip", {"pip": requirements}],
    });
    let python_environment =
        json!({"python": python, "build_dependencies": ["pip"], "dependencies": ["-r requirements.txt"]});
    Ok(vec![
        text("MLmodel", &description(artifact, bytes))?,
        MlflowFile { name: MODEL_FILE, bytes: bytes.to_vec() },
        text("input_example.json", &input_example(artifact))?,
        text("serving_input_example.json", &json!({"dataframe_split": input_example(artifact)}))?,
        MlflowFile { name: "requirements.txt", bytes: (requirements.join("\n") + "\n").into_bytes() },
        text("conda.yaml", &environment)?,
        text("python_env.yaml", &python_environment)?,
    ])
}

/// Writes the files of [`mlflow()`] into a directory, all of them or none; it is made if it does not exist.
///
/// # Errors
/// As [`mlflow()`], or the directory cannot be written to.
pub fn write_mlflow(artifact: &Artifact, bytes: &[u8], directory: &Path) -> Result<()> {
    let files = mlflow(artifact, bytes)?;
    let mut outputs = OutputSet::open(&[directory])?;
    files.iter().try_for_each(|file| outputs.stage(&directory.join(file.name), &file.bytes))?;
    outputs.commit()
}

/// MLflow's files are YAML, of which JSON is a part.
fn text(name: &'static str, content: &Value) -> Result<MlflowFile> {
    let text = serde_json::to_string_pretty(content)
        .map_err(|why| Error::Failed(format!("{name} cannot be written as JSON: {why}")))?;
    Ok(MlflowFile { name, bytes: (text + "\n").into_bytes() })
}

fn description(artifact: &Artifact, bytes: &[u8]) -> Value {
    let column = |name: &str, kind: &str| json!({"type": kind, "name": name, "required": true});
    let inputs = artifact.model.inputs.iter().map(|input| column(input.feature.name(), "double"));
    let inputs = Value::from(inputs.collect::<Vec<Value>>());
    let outputs = json!([column("label", "long"), column("probability", "double")]);
    let description = describe(artifact);
    let mut content = json!({
        "flavors": {
            "python_function": {
                "loader_module": "hitflop.mlflow",
                "data": MODEL_FILE,
                "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
                "python_version": "3.10.0",
            },
        },
        "model_uuid": sha256(bytes)[..32],
        "saved_input_example_info": {
            "artifact_path": "input_example.json",
            "serving_input_path": "serving_input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        },
        "signature": {"inputs": inputs.to_string(), "outputs": outputs.to_string(), "params": null},
        "metadata": {
            "name": description["name"],
            "threshold": description["threshold"],
            "run_id": description["run_id"],
            "simulated": description["simulated"],
        },
    });
    if let Some(created) = &artifact.origin.created {
        content["utc_time_created"] = Value::from(created.replace(['T', 'Z'], " ").trim());
    }
    content
}

/// The middle of each feature's range in training.
fn input_example(artifact: &Artifact) -> Value {
    let middle = |input: &ModelInput| {
        let middle = input.training_min / 2.0 + input.training_max / 2.0;
        if input.feature.is_whole() {
            middle.floor()
        } else {
            middle
        }
    };
    let inputs = &artifact.model.inputs;
    let columns: Vec<&str> = inputs.iter().map(|input| input.feature.name()).collect();
    json!({"columns": columns, "data": [inputs.iter().map(middle).collect::<Vec<f64>>()]})
}
