//! Request bodies to rows, for JSON, KServe and MLflow alike.
//!
//! | module | content |
//! |---|---|
//! | `media_type` | the content types that routes read |
//! | `shape` | JSON in one pass, without a tree of values |
//! | `json_number`, `value_fault` | values as they were sent, and faults of values by Pydantic's names |
//! | `field_names` | names: which ones are features, may be one, or look like one |
//! | `row_table`, `row_reader` | rows as a table for the reader of `hitflop-core`, and what it says of the columns |
//! | `document`, `locate` | all faults of a body, up to a maximum, with the values that were sent |
//! | `raw_track`, `track_rows`, `request_body` | tracks, one and many, and the shapes in which they circulate |
//! | `table_text`, `csv_width`, `table_header` | tables: encoding and separator, width, header |
//! | `array_split`, `json_error`, `nan_tokens`, `preview` | splitting of long lists, places of syntax errors, `NaN` in JSON, previews |

pub(crate) mod array_split;
pub(crate) mod csv_width;
pub(crate) mod document;
pub(crate) mod field_names;
pub(crate) mod json_error;
pub(crate) mod json_number;
pub(crate) mod locate;
pub(crate) mod media_type;
pub(crate) mod nan_tokens;
pub(crate) mod preview;
pub(crate) mod raw_track;
pub(crate) mod request_body;
pub(crate) mod row_reader;
mod row_table;
pub(crate) mod shape;
pub(crate) mod table_header;
pub(crate) mod table_text;
pub(crate) mod track_rows;
pub(crate) mod value_fault;
