//! Metrics for Prometheus, in its text format.

use std::fmt::Write;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use hitflop_core::track::Label;

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
struct PredictionLabels {
    label: StaticLabel,
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
struct StaticLabel(&'static str);

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
    hits: Counter,
    flops: Counter,
    connections: Gauge,
    model: Family<VersionLabels, Gauge>,
    reloads: Family<ReloadLabels, Counter>,
}

impl Default for ServiceMetrics {
    fn default() -> ServiceMetrics {
        let predictions = Family::<PredictionLabels, Counter>::default();
        let of = |label: Label| predictions.get_or_create_owned(&PredictionLabels { label: StaticLabel(label.name()) });
        let mut metrics = ServiceMetrics {
            registry: Registry::with_prefix("hitflop"),
            requests: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(LATENCIES)),
            in_flight: Gauge::default(),
            hits: of(Label::Hit),
            flops: of(Label::Flop),
            connections: Gauge::default(),
            model: Family::default(),
            reloads: Family::default(),
        };
        let ServiceMetrics { registry, requests, latency, in_flight, connections, model, reloads, .. } = &mut metrics;
        registry.register("requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time from a request's head to its answer's",
            Unit::Seconds,
            latency.clone(),
        );
        registry.register("requests_in_flight", "Requests in flight", in_flight.clone());
        registry.register("predictions", "Tracks labelled", predictions);
        registry.register("connections", "Open connections", connections.clone());
        registry.register("model_info", "The model that is served", model.clone());
        registry.register("model_reloads", "Times that a changed model was read", reloads.clone());
        metrics
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

    /// Counts tracks that were labelled.
    pub(crate) fn predicted(&self, labels: impl IntoIterator<Item = Label>) {
        let (mut hits, mut flops) = (0, 0);
        for label in labels {
            match label {
                Label::Hit => hits += 1,
                Label::Flop => flops += 1,
            }
        }
        self.hits.inc_by(hits);
        self.flops.inc_by(flops);
    }

    /// Sets the version of the model that is served.
    pub(crate) fn set_model(&self, version: &str) {
        self.model.clear();
        self.model.get_or_create(&VersionLabels { version: version.to_owned() }).set(1);
    }

    /// Counts an attempt to load a changed model.
    pub(crate) fn reloaded(&self, good: bool) {
        self.reloads
            .get_or_create(&ReloadLabels { outcome: StaticLabel(if good { "loaded" } else { "refused" }) })
            .inc();
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

    #[test]
    fn metrics_are_in_the_text_format() {
        let metrics = ServiceMetrics::default();
        let in_flight = metrics.begin();
        metrics.end("/songs/predict", &Method::POST, StatusCode::OK, Duration::from_millis(2));
        metrics.end("/songs/predict", &Method::POST, StatusCode::OK, Duration::from_millis(300));
        metrics.predicted([Label::Hit, Label::Flop, Label::Hit]);
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
            "hitflop_model_info{version=\"new\"} 1",
            "hitflop_model_reloads_total{outcome=\"refused\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
        }
        assert!(!text.contains("old"));
        drop(in_flight);
        assert!(metrics.text().contains("hitflop_requests_in_flight 0\n"));
    }
}
