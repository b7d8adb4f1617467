//! Request bodies to rows, for JSON, KServe and MLflow alike.
//!
//! | module | content |
//! |---|---|
//! | `body`, `query` | bytes and parameters of a request, within the limits |
//! | `shape` | JSON in one pass, without a tree of values |
//! | `json_number`, `number` | values: which ones are numbers |
//! | `field_names`, `did_you_mean` | names: which ones are features, and which ones look like one |
//! | `faults`, `document`, `locate` | all faults of a body, up to a maximum, with the values that were sent |
//! | `raw_track`, `request_body` | tracks, and the shapes in which they circulate |
//! | `array_split`, `csv_width`, `table_header`, `json_error`, `preview` | splitting of long lists, widths and headers of tables, places of syntax errors, previews |
//! | `extract` | the extractors of the handlers |

pub mod array_split;
pub mod body;
pub mod csv_width;
pub mod did_you_mean;
pub mod document;
pub mod extract;
pub mod faults;
pub mod field_names;
pub mod json_error;
pub mod json_number;
pub mod locate;
pub mod number;
pub mod preview;
pub mod query;
pub mod raw_track;
pub mod request_body;
pub mod shape;
pub mod table_header;
