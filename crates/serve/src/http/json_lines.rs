//! An event of the log as a line of JSON: time, level, message, then its fields. tracing-subscriber's own writer of JSON builds
//! a document for every line, which takes as long as a prediction.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes events as lines of JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        writer.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, r#"","level":"{}""#, event.metadata().level())?;
        let mut fields = JsonFieldVisitor { writer, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        let mut writer = fields.writer;
        write!(writer, r#","target":"{}"}}"#, event.metadata().target())?;
        writer.write_char('\n')
    }
}

/// Writes each field behind a comma.
struct JsonFieldVisitor<'a> {
    writer: Writer<'a>,
    result: fmt::Result,
}

impl JsonFieldVisitor<'_> {
    /// A value that is JSON already.
    fn plain(&mut self, field: &Field, value: impl fmt::Display) {
        if self.result.is_ok() {
            // Names of fields are identifiers.
            self.result = write!(self.writer, r#","{}":{value}"#, field.name());
        }
    }

    fn text(&mut self, field: &Field, value: fmt::Arguments) {
        if self.result.is_ok() {
            self.result = write!(self.writer, r#","{}":""#, field.name())
                .and_then(|()| Escaped(&mut self.writer).write_fmt(value))
                .and_then(|()| self.writer.write_char('"'));
        }
    }
}

impl Visit for JsonFieldVisitor<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.plain(field, value),
            false => self.plain(field, "null"),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }
}

/// Writes text as it must stand between the quotation marks of JSON.
struct Escaped<'a, 'b>(&'a mut Writer<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(|letter: char| letter.is_control() || letter == '"' || letter == '\\') {
            let (plain, special) = rest.split_at(at);
            self.0.write_str(plain)?;
            let letter = special.chars().next().unwrap_or_default();
            match letter {
                '"' => self.0.write_str("\\\"")?,
                '\\' => self.0.write_str("\\\\")?,
                '\n' => self.0.write_str("\\n")?,
                // Control characters lie in the basic plane.
                letter => write!(self.0, "\\u{:04x}", letter as u32)?,
            }
            rest = &special[letter.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing_subscriber::fmt;

    use super::*;

    #[derive(Clone, Default)]
    struct BufferSink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for BufferSink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("whole").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The witness is serde_json's reader.
    #[test]
    fn every_line_is_json() {
        let out = BufferSink::default();
        let to = out.clone();
        let subscriber = fmt().event_format(JsonLines).with_writer(move || to.clone()).finish();
        let unusual = "a \"b\" \\ c\n\u{1}\u{7f} é 曲";
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(text = unusual, %unusual, whole = 3, negative = -3, real = 0.1, none = f64::NAN, truth = true, "said {unusual}");
        });
        let text = String::from_utf8(out.0.lock().expect("whole").clone()).expect("text");
        assert!(text.ends_with("}\n") && text.lines().count() == 1, "{text}");
        let line: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(line["text"], unusual);
        assert_eq!(line["unusual"], unusual);
        assert_eq!(line["message"], format!("said {unusual}"));
        assert_eq!((&line["whole"], &line["negative"], &line["real"]), (&3.into(), &(-3).into(), &0.1.into()));
        assert_eq!((&line["none"], &line["truth"], &line["level"]), (&Value::Null, &true.into(), &"INFO".into()));
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
    }
}
