//! A wrong argument, in one line.

use clap::error::ErrorKind;

/// What to say about arguments that could not be read: `Ok` is asked-for help, for stdout; `Err` one line about a
/// mistake.
///
/// # Errors
/// The line.
pub fn told(error: &clap::Error) -> Result<String, String> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(error.render().to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err("say what to do: up, serve, migrate, replay, check or demo (see purser --help)".to_owned())
        }
        _ => Err(one_line(&error.render().to_string())),
    }
}

/// The first paragraph, without its "error:" and its line breaks. What follows is a repetition of the usage.
fn one_line(rendered: &str) -> String {
    let paragraph = rendered.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    words.join(" ").trim_start_matches("error: ").to_owned() + " (see --help)"
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn mistake(arguments: &[&str]) -> String {
        let error = Cli::try_parse_from([&["purser"], arguments].concat()).expect_err("a mistake");
        told(&error).expect_err("no help was asked for")
    }

    #[test]
    fn a_mistake_is_one_line_that_names_the_argument() {
        for (arguments, word) in [
            (vec![], "up, serve"),
            (vec!["fly"], "'fly'"),
            (vec!["up", "--lisen", "x"], "'--lisen'"),
            (vec!["up", "--listen", "nowhere"], "HOST:PORT"),
            (vec!["serve", "--services", "order,shop"], "'shop'"),
            (vec!["replay"], "<FILE>"),
            (vec!["up", "--calls-max", "0"], "calls-max"),
        ] {
            let line = mistake(&arguments);
            assert!(!line.contains('\n') && line.contains(word), "{arguments:?}: {line}");
        }
    }

    #[test]
    fn help_teaches_by_examples() {
        for arguments in [["purser", "--help"].as_slice(), &["purser", "serve", "--help"]] {
            let error = Cli::try_parse_from(arguments).expect_err("help");
            assert!(told(&error).expect("help").contains("Examples:"), "{arguments:?}");
        }
    }
}
