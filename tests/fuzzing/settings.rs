//! The fuzz target `settings`: files of settings and of state, any bytes.

use planche::internal::config::Config;
use planche::internal::ledger::Ledger;
use planche::internal::preset::Presets;

/// Reads the rest as the file that the first byte names: a finding or a value, never a panic.
pub fn check(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    match kind {
        b'l' => {
            let _ = postcard::from_bytes::<Ledger>(rest);
        }
        b'p' => {
            let _ = Presets::read([("presets/card.yml", &*text)]);
        }
        b'v' => {
            let preset = "widths: { min: 320, max: 640, step_bytes: 9KiB }\nvisitors: card.csv\n";
            let _ = Presets::read([("presets/card.csv", &*text), ("presets/card.yml", preset)]);
        }
        _ => {
            let Ok(config) = Config::read("planche.yml", &text) else {
                return;
            };
            let (presets, _) = Presets::read([]);
            config.check_rules("planche.yml", &text, &presets);
            config.check_records("planche.yml", &text);
            config.manifest();
        }
    }
}
