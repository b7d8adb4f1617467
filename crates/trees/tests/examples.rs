//! Runs the examples: each is compiled into this test, so that nothing is built twice.

#[path = "../examples/boosting.rs"]
mod boosting;
#[path = "../examples/explanations.rs"]
mod explanations;
#[path = "../examples/forest.rs"]
mod forest;

#[test]
fn the_forest_is_fitted() {
    forest::main().expect("a forest");
}

#[test]
fn the_boosting_stops_early() {
    boosting::main().expect("a boosting");
}

#[test]
fn predictions_are_explained() {
    explanations::main().expect("explanations");
}
