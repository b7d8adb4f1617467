//! A model as a REST service.
//!
//! | module | what it is |
//! |---|---|
//! | `app` | all routes as one service, apart from the serving of it |
//! | `routes` | the handlers, one file a subject; `kserve`, `mlflow`: two protocols that existing clients speak |
//! | `shapes`, `number`, `misspelt`, `table_header` | bodies to rows: the shapes in which audio features circulate, what counts as a number, names that look like a feature's |
//! | `answer`, `batch`, `elements` | rows to answers, one or many; a long list is cut for several threads |
//! | `body`, `rejection`, `auth` | what is refused, and how it is told |
//! | `broken_json`, `glimpse`, `paths` | words for what is no JSON, what is shown of a body, and what is not shown of the machine |
//! | `loaded`, `state`, `reload` | the model that is served, and how another takes its place |
//! | `limits`, `listen`, `patience` | the socket and its bounds |
//! | `observe`, `metrics`, `access_log`, `json_lines` | what is told of requests |
//! | `openapi` | the document of it all |
//! | `page`, `packed` | the page at `/`, which asks the routes in a browser, and texts that are sent compressed |

pub mod http;
mod kserve;
mod mlflow;
pub mod openapi;
mod page;
pub mod request;
mod routes;
pub mod served;
