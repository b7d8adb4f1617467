//! Metrics for Prometheus, in its text format.

use std::fmt::Write;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::prediction_metrics::PredictionMetrics;
use super::process_metrics::ProcessMetrics;

/// Upper ends of the histogram's intervals, in seconds: from a tenth of a millisecond, as a boosting takes, to ten seconds.
const LATENCIES: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Route, method and status of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    /// As in the router: `/v2/models/{model}`. `none` for any other path, since clients choose paths.
    route: StaticLabel,
    method: StaticLabel,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: StaticLabel,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VersionLabels {
    version: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    outcome: StaticLabel,
}

/// A constant text, so that no request copies one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct StaticLabel(pub &'static str);

impl EncodeLabelValue for StaticLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        encoder.write_str(self.0)
    }
}

/// The metrics of a server.
#[derive(Debug)]
pub(crate) struct ServiceMetrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    connections: Gauge,
    evicted: Counter,
    pub predictions: PredictionMetrics,
    model: Family<VersionLabels, Gauge>,
    loaded_at: Gauge<f64, AtomicU64>,
    loaded: Counter,
    refused: Counter,
    watcher: Gauge,
}

impl Default for ServiceMetrics {
    fn default() -> ServiceMetrics {
        let mut all = Registry::default();
        all.register_collector(Box::new(ProcessMetrics));
        let registry = all.sub_registry_with_prefix("hitflop");
        let reloads = Family::<ReloadLabels, Counter>::default();
        let outcome = |outcome| reloads.get_or_create_owned(&ReloadLabels { outcome: StaticLabel(outcome) });
        let (requests, model) = (Family::default(), Family::default());
        let latency = Family::<_, _, fn() -> Histogram>::new_with_constructor(|| Histogram::new(LATENCIES));
        let [in_flight, connections, watcher] = [Gauge::default(), Gauge::default(), Gauge::default()];
        let (loaded, refused, loaded_at) = (outcome("loaded"), outcome("refused"), Gauge::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time from a request's head to its answer's",
            Unit::Seconds,
            latency.clone(),
        );
        registry.register("requests_in_flight", "Requests in flight", in_flight.clone());
        registry.register("connections", "Open connections", connections.clone());
        let evicted = Counter::default();
        let help = "Connections that waited for their client and were closed for further ones";
        registry.register("connections_evicted", help, evicted.clone());
        let predictions = PredictionMetrics::register(registry);
        registry.register("model_info", "The model that is served", model.clone());
        let help = "Time since 1970 at which the model that is served was loaded";
        registry.register_with_unit("model_loaded_timestamp", help, Unit::Seconds, loaded_at.clone());
        registry.register("model_reloads", "Times that a changed model was read, or refused", reloads);
        registry.register("model_watcher_up", "1 if changed models are loaded, 0 if not", watcher.clone());
        ServiceMetrics {
            registry: all,
            requests,
            latency,
            in_flight,
            connections,
            evicted,
            predictions,
            model,
            loaded_at,
            loaded,
            refused,
            watcher,
        }
    }
}

/// A request in flight.
pub(crate) struct InFlight<'a>(&'a Gauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A connection that is open.
pub(crate) struct ConnectionGuard(Gauge);

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl ServiceMetrics {
    /// Counts a request while it is in flight.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    /// Counts an open connection.
    pub(crate) fn connect(&self) -> ConnectionGuard {
        self.connections.inc();
        ConnectionGuard(self.connections.clone())
    }

    /// Counts a connection that was closed for a further one.
    pub(crate) fn evicted(&self) {
        self.evicted.inc();
    }

    /// Counts a request that was answered.
    pub(crate) fn end(&self, route: &'static str, method: &Method, status: StatusCode, took: Duration) {
        let labels = RequestLabels {
            route: StaticLabel(route),
            method: StaticLabel(method_name(method)),
            status: status.as_u16(),
        };
        self.requests.get_or_create(&labels).inc();
        self.latency.get_or_create(&RouteLabels { route: StaticLabel(route) }).observe(took.as_secs_f64());
    }

    /// Sets the version of the model that is served from now on.
    pub(crate) fn set_model(&self, version: &str) {
        self.model.clear();
        self.model.get_or_create(&VersionLabels { version: version.to_owned() }).set(1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.loaded_at.set(now.as_secs_f64());
    }

    /// Counts an attempt to load a changed model.
    pub(crate) fn reloaded(&self, good: bool) {
        if good { &self.loaded } else { &self.refused }.inc();
    }

    /// Sets whether changed models are loaded.
    pub(crate) fn set_watched(&self, is_watched: bool) {
        self.watcher.set(i64::from(is_watched));
    }

    /// All metrics in the text format.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

/// A client may invent methods; each would be a metric of its own.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_model::scoring::Prediction;

    #[test]
    fn metrics_are_in_the_text_format() {
        let metrics = ServiceMetrics::default();
        let in_flight = metrics.begin();
        metrics.end("/songs/predict", &Method::POST, StatusCode::OK, Duration::from_millis(2));
        metrics.end("/songs/predict", &Method::POST, StatusCode::OK, Duration::from_millis(300));
        let [hit, flop] = [0.72, 0.2].map(|probability| Prediction::at(probability, 0.5));
        metrics.predictions.predicted(&[hit, flop, hit]);
        metrics.set_model("old");
        metrics.set_model("new");
        metrics.reloaded(false);
        let text = metrics.text();
        for line in [
            "# TYPE hitflop_requests counter",
            "hitflop_requests_total{route=\"/songs/predict\",method=\"POST\",status=\"200\"} 2",
            "hitflop_requests_in_flight 1",
            "hitflop_request_duration_seconds_bucket{le=\"0.0025\",route=\"/songs/predict\"} 1",
            "hitflop_request_duration_seconds_bucket{le=\"+Inf\",route=\"/songs/predict\"} 2",
            "hitflop_predictions_total{label=\"hit\"} 2",
            "hitflop_predictions_total{label=\"flop\"} 1",
            "hitflop_predicted_probability_bucket{le=\"0.2\"} 1",
            "hitflop_predicted_probability_bucket{le=\"0.7\"} 1",
            "hitflop_predicted_probability_bucket{le=\"0.75\"} 3",
            "hitflop_predicted_probability_bucket{le=\"1.0\"} 3",
            "hitflop_missing_values_total{feature=\"tempo\"} 0",
            "hitflop_out_of_range_values_total{feature=\"tempo\",range=\"training\"} 0",
            "hitflop_model_info{version=\"new\"} 1",
            "hitflop_model_reloads_total{outcome=\"refused\"} 1",
            "hitflop_model_reloads_total{outcome=\"loaded\"} 0",
            "hitflop_model_watcher_up 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
        }
        assert!(!text.contains("old"));
        drop(in_flight);
        assert!(metrics.text().contains("hitflop_requests_in_flight 0\n"));
    }
}
