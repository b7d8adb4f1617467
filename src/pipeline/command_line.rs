//! Command lines for the reader of a report or a model card. Settings and flags have the same names.

use hitflop_report::{CommandLines, Provenance, Setting, SettingValue};

/// The archive as Kaggle names it.
const ARCHIVE: &str = "the-spotify-hit-predictor-dataset.zip";

pub(super) fn command_lines(provenance: &Provenance) -> CommandLines {
    CommandLines { reproduce: reproduce(provenance), read_archive: format!("hitflop run --data {ARCHIVE}") }
}

/// The command line of the data, the seed and the settings.
fn reproduce(provenance: &Provenance) -> String {
    let data: String = provenance.data.iter().map(|input| format!(" {}", quoted(input))).collect();
    let settings: String = provenance.settings.iter().filter_map(option).collect();
    // Sums have no random draw.
    if provenance.command == "report" {
        return format!("hitflop report --findings{data}{settings}");
    }
    let flag = if data.is_empty() { "" } else { " --data" };
    format!("hitflop {}{flag}{data} --seed {}{settings}", provenance.command, provenance.seed)
}

/// A setting as an option; none for a flag that is not set.
fn option(Setting { name, value }: &Setting) -> Option<String> {
    match value {
        SettingValue::Flag(true) => Some(format!(" --{name}")),
        SettingValue::Flag(false) => None,
        value => Some(format!(" --{name} {}", quoted(&value.to_string()))),
    }
}

/// An argument as a POSIX shell reads it.
pub(super) fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hitflop_model::param_value::ParamValue;

    #[test]
    fn the_command_has_data_seed_and_settings() {
        let mut provenance = Provenance {
            version: "0.0.0".to_owned(),
            run_id: String::new(),
            command: "explore".to_owned(),
            seed: 42,
            simulated: false,
            data: vec!["data".to_owned(), "it's here.csv".to_owned()],
            sources: Vec::new(),
            rejected: Vec::new(),
            not_read: Vec::new(),
            label: None,
            settings: vec![
                Setting::new("max-correlation", SettingValue::Number(0.7)),
                Setting::new("min-mutual-information", SettingValue::Number(0.0)),
                Setting::new("draws", SettingValue::Count(2)),
                Setting::new("lenient", SettingValue::Flag(true)),
                Setting::new("thorough", SettingValue::Flag(false)),
                Setting::new("param", SettingValue::Param("class_weight".to_owned(), ParamValue::parse("[1,3]"))),
            ],
            date: String::new(),
            threads: 2,
            computer: "a computer".to_owned(),
            seconds: Some(12.5),
            command_lines: CommandLines::default(),
        };
        let settings =
            "--max-correlation 0.7 --min-mutual-information 0 --draws 2 --lenient --param 'class_weight=[1,3]'";
        let data = r"--data data 'it'\''s here.csv'";
        assert_eq!(command_lines(&provenance).reproduce, format!("hitflop explore {data} --seed 42 {settings}"));
        provenance.command = "report".to_owned();
        provenance.data.truncate(1);
        provenance.settings.truncate(1);
        assert_eq!(command_lines(&provenance).reproduce, "hitflop report --findings data --max-correlation 0.7");
        provenance.command = "explore".to_owned();
        provenance.data.clear();
        provenance.settings.clear();
        assert_eq!(command_lines(&provenance).reproduce, "hitflop explore --seed 42");
    }
}
