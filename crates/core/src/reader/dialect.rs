//! How the fields of a delimited text are separated. Files and requests are read by the same rules.

use csv::{ByteRecord, ReaderBuilder};

use super::value::DecimalMark;

/// Separators in the order of preference, each in words.
const SEPARATORS: [(u8, &str); 4] = [(b',', "commas"), (b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars")];

/// Maximum number of records that the separator is chosen by.
const MAX_SAMPLE_RECORDS: usize = 1000;

/// Separator and spelling of numbers in a delimited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Separator of fields.
    pub separator: u8,
    /// Bytes before the header: a line `sep=;`, as Excel writes it.
    pub preamble: usize,
    /// Whether numbers have a decimal comma.
    pub decimal_comma: bool,
}

impl Dialect {
    /// The dialect of a text that begins with `head`, which has no byte-order mark. `is_whole` is whether `head` is all of it.
    /// The separator is the one that most records agree on, `sep=` lines aside; commas if there is only one column.
    pub fn of(head: &[u8], is_whole: bool) -> Dialect {
        if let Some((separator, preamble)) = separator_line(head) {
            let decimal_comma = has_decimal_commas(&sample(&head[preamble..], separator, is_whole), separator);
            return Dialect { separator, preamble, decimal_comma };
        }
        let candidates = SEPARATORS.iter().map(|(separator, _)| *separator);
        let chosen = candidates.filter_map(|separator| fit(head, separator, is_whole)).reduce(|best, other| {
            let is_better = (other.share, other.fields) > (best.share, best.fields);
            if is_better {
                other
            } else {
                best
            }
        });
        // Blanks are in most texts: they separate fields only if nothing else does, and everywhere.
        let blanks = || fit(head, b' ', is_whole).filter(|fit| fit.share == 1.0 && fit.records > 1);
        match chosen.or_else(blanks) {
            None => Dialect { separator: b',', preamble: 0, decimal_comma: false },
            Some(SeparatorFit { separator, decimal_comma, .. }) => Dialect { separator, preamble: 0, decimal_comma },
        }
    }

    /// What separates the fractions of numbers.
    pub fn decimal_mark(self) -> DecimalMark {
        if self.decimal_comma {
            DecimalMark::Comma
        } else {
            DecimalMark::Point
        }
    }

    /// The separator in words, as `commas`.
    pub fn separator_in_words(self) -> String {
        let known = SEPARATORS.iter().find(|(separator, _)| *separator == self.separator);
        match (known, self.separator) {
            (Some((_, words)), _) => (*words).to_owned(),
            (None, b' ') => "spaces".to_owned(),
            (None, other) => format!("{:?}", char::from(other)),
        }
    }
}

/// How well a separator fits.
struct SeparatorFit {
    separator: u8,
    /// Fields of the header.
    fields: usize,
    /// Share of the records that have as many.
    share: f64,
    records: usize,
    decimal_comma: bool,
}

fn fit(head: &[u8], separator: u8, is_whole: bool) -> Option<SeparatorFit> {
    let records = sample(head, separator, is_whole);
    let fields = records.first()?.len();
    if fields < 2 {
        return None;
    }
    let alike = records.iter().filter(|record| record.len() == fields).count();
    let decimal_comma = has_decimal_commas(&records, separator);
    Some(SeparatorFit {
        separator,
        fields,
        share: alike as f64 / records.len() as f64,
        records: records.len(),
        decimal_comma,
    })
}

/// The first records. The last one of a part is left out, since it may be cut.
fn sample(head: &[u8], separator: u8, is_whole: bool) -> Vec<ByteRecord> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(head);
    let mut records: Vec<ByteRecord> = reader.byte_records().map_while(Result::ok).take(MAX_SAMPLE_RECORDS).collect();
    if !is_whole && records.len() > 1 && records.len() < MAX_SAMPLE_RECORDS {
        records.pop();
    }
    records
}

/// The separator of a first line `sep=;` and the length of that line.
fn separator_line(head: &[u8]) -> Option<(u8, usize)> {
    let end = head.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    let line = head[..end].trim_ascii_end();
    let line = line.strip_prefix(b"\"").map_or(line, |line| line.strip_suffix(b"\"").unwrap_or(line));
    let separator = match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => *separator,
        // The tab was trimmed away with the end of the line.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => b'\t',
        _ => return None,
    };
    let is_pair = head[end..].starts_with(b"\r\n");
    Some((separator, end + if is_pair { 2 } else { 1 }))
}

/// Whether numbers have a decimal comma: some field is a number with a comma, and none has a decimal point. Commas that may
/// group thousands count as decimal commas only beside semicolons, which programs write for that reason.
fn has_decimal_commas(records: &[ByteRecord], separator: u8) -> bool {
    if separator == b',' {
        return false;
    }
    let (mut commas, mut groups) = (0, 0);
    for field in records.iter().skip(1).flatten() {
        match number_mark(field) {
            Some(NumberMark::Point) => return false,
            Some(NumberMark::Comma) => commas += 1,
            Some(NumberMark::CommaOrGroup) => groups += 1,
            None => {}
        }
    }
    commas > 0 || (groups > 0 && separator == b';')
}

enum NumberMark {
    Point,
    Comma,
    /// A comma before three digits: `1,292`.
    CommaOrGroup,
}

/// What separates the digits of a number, if it is one with a single mark.
fn number_mark(field: &[u8]) -> Option<NumberMark> {
    let field = field.trim_ascii();
    let digits = field.strip_prefix(b"-").unwrap_or(field);
    let at = digits.iter().position(|byte| matches!(byte, b'.' | b','))?;
    let (whole, part) = (&digits[..at], &digits[at + 1..]);
    let part = part.iter().position(|byte| matches!(byte, b'e' | b'E')).map_or(part, |end| &part[..end]);
    let are_digits = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if !are_digits(whole) || !are_digits(part) {
        return None;
    }
    Some(match digits[at] {
        b'.' => NumberMark::Point,
        _ if part.len() == 3 && whole.len() <= 3 && whole[0] != b'0' => NumberMark::CommaOrGroup,
        _ => NumberMark::Comma,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (char, bool) {
        let dialect = Dialect::of(text.as_bytes(), true);
        (char::from(dialect.separator), dialect.decimal_comma)
    }

    #[test]
    fn the_separator_is_the_one_that_all_records_share() {
        assert_eq!(of("title,energy\n\"a; b; c\",0.5\nd|e,0.4\n"), (',', false));
        assert_eq!(of("title;energy;tempo\n\"a, b\";0,5;120,25\n"), (';', true));
        assert_eq!(of("title;energy\na, b;0.5\nc, d;1,250\n"), (';', false));
        assert_eq!(of("title\tenergy\na, b\t0.5\n"), ('\t', false));
        assert_eq!(of("title\tplays\na\t1,292\n"), ('\t', false), "a group of thousands");
        assert_eq!(of("title;plays\na;1,292\n"), (';', true));
        assert_eq!(of("title|energy\na,b|0.5\n"), ('|', false));
        assert_eq!(of("title energy tempo\n\"A b\" 0.5 120\n"), (' ', false));
        assert_eq!(of("energy\n0.5\n"), (',', false));
        assert_eq!(of("a b\nc\n"), (',', false));
        // Records of another length than the header's change nothing.
        assert_eq!(of("title,energy\na,b,0.5\na,b,0.5\n"), (',', false));
    }

    #[test]
    fn the_first_line_may_name_the_separator() {
        for (line, separator) in [("sep=,\r\n", b','), ("sep=;\n", b';'), ("\"sep=;\"\r", b';'), ("SEP=\t\n", b'\t')] {
            let dialect = Dialect::of(format!("{line}energy\n").as_bytes(), true);
            assert_eq!((dialect.separator, dialect.preamble), (separator, line.len()), "{line:?}");
        }
        assert_eq!(Dialect::of(b"sepal,width\n1,2\n", true).preamble, 0);
    }

    #[test]
    fn a_record_that_is_cut_does_not_count() {
        let dialect = Dialect::of(b"a;b;c\n1;2;3\n4;5", false);
        assert_eq!(dialect.separator, b';');
        assert_eq!(fit(b"a;b;c\n1;2;3\n4;5", b';', false).expect("a fit").share, 1.0);
    }
}
