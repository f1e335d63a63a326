//! The fuzz target `settings`: arbitrary bytes as files of settings and of state.

use planche::internal::config::Config;
use planche::internal::ledger::Ledger;
use planche::internal::preset::Presets;

/// Parses the input as the kind of file that the first byte names. The result is a finding or a
/// value; a panic is a fault.
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
