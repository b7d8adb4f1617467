//! Request bodies to rows, for JSON, KServe and MLflow alike.
//!
//! | module | content |
//! |---|---|
//! | `body`, `query` | bytes and parameters of a request, within the limits |
//! | `shape` | JSON in one pass, without a tree of values |
//! | `json_number`, `value_fault` | values as they were sent, and faults of values by Pydantic's names |
//! | `field_names` | names: which ones are features, may be one, or look like one |
//! | `row_table`, `row_reader` | rows as a table for the reader of `hitflop-core`, and what it says of the columns |
//! | `faults`, `document`, `locate` | all faults of a body, up to a maximum, with the values that were sent |
//! | `raw_track`, `request_body` | tracks, and the shapes in which they circulate |
//! | `array_split`, `csv_width`, `table_header`, `json_error`, `preview` | splitting of long lists, widths and headers of tables, places of syntax errors, previews |
//! | `extract` | the extractors of the handlers |

pub mod array_split;
pub mod body;
pub mod csv_width;
pub mod document;
pub mod extract;
pub mod faults;
pub mod field_names;
pub mod json_error;
pub mod json_number;
pub mod locate;
pub mod preview;
pub mod query;
pub mod raw_track;
pub mod request_body;
pub mod row_reader;
mod row_table;
pub mod shape;
pub mod table_header;
pub mod value_fault;
