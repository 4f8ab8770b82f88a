//! Settings: what `--set` may name, and what was given.

use std::collections::BTreeMap;

use crate::wire::Setting;

/// What was given, by name.
pub type Settings = BTreeMap<String, String>;

/// Settings that are known: name, default and meaning of each.
#[derive(Clone, Copy)]
pub struct Known(pub &'static [(&'static str, &'static str, &'static str)]);

impl Known {
    /// As the reply to hello has them.
    pub fn described(&self) -> Vec<Setting> {
        let each = self.0.iter().copied();
        each.map(|(name, default, meaning)| Setting {
            name,
            default: default.to_string(),
            meaning,
        })
        .collect()
    }

    /// What was given for one of them, or its default.
    pub fn text<'a>(&'a self, given: &'a Settings, name: &str) -> &'a str {
        let known = self.0.iter().find(|known| known.0 == name);
        let default = known.expect("a setting of the table").1;
        given.get(name).map_or(default, String::as_str)
    }

    /// The same, where it is a number.
    pub fn number(&self, given: &Settings, name: &str, least: u64) -> Result<u64, String> {
        let text = self.text(given, name);
        match text.parse() {
            Ok(number) if number >= least => Ok(number),
            _ => Err(format!(
                "setting {name}: found {text:?}, expected a number from {least} on"
            )),
        }
    }

    /// The same, where it is on or off.
    pub fn switch(&self, given: &Settings, name: &str) -> Result<bool, String> {
        match self.text(given, name) {
            "on" => Ok(true),
            "off" => Ok(false),
            text => Err(format!(
                "setting {name}: found {text:?}, expected on or off"
            )),
        }
    }
}

/// Refuse what was given and is not among those that are known.
pub fn check_names(given: &Settings, known: &[Setting]) -> Result<(), String> {
    let names: Vec<&str> = known.iter().map(|each| each.name).collect();
    match given.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) if names.is_empty() => Err(format!(
            "found setting {name}, expected none: there are no settings"
        )),
        Some(name) => Err(format!(
            "found setting {name}, expected one of {}",
            names.join(", ")
        )),
    }
}
