//! A graph that is being put together.

use super::proto::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto};

/// Domain of the operators for trees.
pub(super) const ML_DOMAIN: &str = "ai.onnx.ml";

/// Name of a tensor within a graph.
pub(super) type TensorName = String;

/// Nodes and constants in the order of the computation.
#[derive(Default)]
pub(super) struct GraphBuilder {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl GraphBuilder {
    /// Adds an operator of the default domain and returns the name of its output.
    pub(super) fn op(&mut self, op_type: &str, inputs: &[&str], attribute: Vec<AttributeProto>) -> TensorName {
        self.node("", op_type, inputs, attribute)
    }

    /// Adds an operator of a domain and returns the name of its output.
    pub(super) fn node(
        &mut self,
        domain: &str,
        op_type: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> TensorName {
        let name = format!("{}_{}", op_type.to_lowercase(), self.nodes.len());
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op_type.to_owned(),
            attribute,
            domain: domain.to_owned(),
        });
        name
    }

    /// Gives a tensor the name of an output.
    pub(super) fn output(&mut self, tensor: &str, name: &str) {
        self.nodes.push(NodeProto {
            input: vec![tensor.to_owned()],
            output: vec![name.to_owned()],
            name: name.to_owned(),
            op_type: "Identity".to_owned(),
            ..NodeProto::default()
        });
    }

    /// Adds a number.
    pub(super) fn number(&mut self, value: f64) -> TensorName {
        self.numbers(vec![], vec![value])
    }

    /// Adds a tensor of numbers.
    pub(super) fn numbers(&mut self, dims: Vec<i64>, values: Vec<f64>) -> TensorName {
        let name = format!("constant_{}", self.constants.len());
        self.constants.push(TensorProto::doubles(&name, dims, values));
        name
    }

    /// Adds a vector of whole numbers.
    pub(super) fn whole_numbers(&mut self, values: Vec<i64>) -> TensorName {
        let name = format!("constant_{}", self.constants.len());
        self.constants.push(TensorProto::ints(&name, vec![values.len() as i64], values));
        name
    }

    /// Converts a tensor to another type of elements.
    pub(super) fn cast(&mut self, tensor: &str, to: i32) -> TensorName {
        self.op("Cast", &[tensor], vec![AttributeProto::int("to", i64::from(to))])
    }

    /// Adds up the columns of each row into one column.
    pub(super) fn row_sums(&mut self, tensor: &str) -> TensorName {
        let axis = self.whole_numbers(vec![1]);
        self.op("ReduceSum", &[tensor, &axis], vec![AttributeProto::int("keepdims", 1)])
    }

    /// The graph.
    pub(super) fn finish(self, name: &str, input: ValueInfoProto, output: Vec<ValueInfoProto>) -> GraphProto {
        GraphProto { node: self.nodes, name: name.to_owned(), initializer: self.constants, input: vec![input], output }
    }
}
