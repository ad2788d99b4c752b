//! The options of a benchmark, as they stand behind `--` on the command line.
use std::str::FromStr;

/// Options by name; what cargo adds is passed over.
pub struct Options(Vec<String>);

impl Options {
    /// Those of this process. Ends it with a message where one is not among `known`.
    pub fn of_process(known: &[&str]) -> Self {
        let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
        for option in given.iter().filter(|argument| argument.starts_with("--")) {
            if !known.contains(&option.as_str()) {
                eprintln!("unknown option {option}; there are: {}", known.join(", "));
                std::process::exit(2);
            }
        }
        Self(given)
    }

    /// Whether an option without a value is given.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|argument| argument == name)
    }

    /// The value of an option, as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        let place = self.0.iter().position(|argument| argument == name)?;
        self.0.get(place + 1).map(String::as_str)
    }

    /// The value of an option, or what it is unless given.
    pub fn get<T: FromStr>(&self, name: &str, default: T) -> T {
        let Some(text) = self.text(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            eprintln!("{name} cannot be {text}");
            std::process::exit(2);
        })
    }
}
