//! Names of others inside a command that somebody may paste into a shell.

/// The text as one word of a POSIX shell, whatever is in it.
#[must_use]
pub fn shell_quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::shell_quote;

    #[test]
    fn nothing_breaks_out_of_its_word() {
        assert_eq!(shell_quote("photos/0001.jpg"), "photos/0001.jpg");
        assert_eq!(shell_quote(""), "''");
        assert_eq!(shell_quote("a b"), "'a b'");
        assert_eq!(shell_quote("it's; rm -rf ~"), r"'it'\''s; rm -rf ~'");
        assert_eq!(shell_quote("$(id)`id`"), "'$(id)`id`'");
    }
}
