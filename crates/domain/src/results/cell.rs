//! Cells and lines of separated values (RFC 4180), as safe to open in a spreadsheet as they can be made.

/// A line of cells that ends in CRLF.
pub(super) struct Line {
    separator: char,
    text: String,
    begun: bool,
}

impl Line {
    pub(super) fn separated_by(separator: char) -> Self {
        Self {
            separator,
            text: String::new(),
            begun: false,
        }
    }

    /// Adds what people wrote. What a spreadsheet would take for a formula gets an apostrophe in front.
    pub(super) fn text(mut self, text: &str) -> Self {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        self.cell(if formula { "'" } else { "" }, text);
        self
    }

    /// Adds what is ours: a number, an id.
    pub(super) fn plain(mut self, text: &str) -> Self {
        self.cell("", text);
        self
    }

    fn cell(&mut self, before: &str, text: &str) {
        if self.begun {
            self.text.push(self.separator);
        }
        self.begun = true;
        if text.contains(['"', '\r', '\n', self.separator]) {
            self.text.push('"');
            self.text.push_str(before);
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(before);
            self.text.push_str(text);
        }
    }

    /// The line with its end.
    pub(super) fn end(self) -> String {
        self.text + "\r\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        Line::separated_by(';').text(text).end()
    }

    #[test]
    fn what_separates_or_quotes_is_quoted_and_nothing_else() {
        for (text, written) in [
            ("", "\r\n"),
            ("Zoé", "Zoé\r\n"),
            ("a;b", "\"a;b\"\r\n"),
            ("a,b", "a,b\r\n"),
            ("dit « \"oui\" »", "\"dit « \"\"oui\"\" »\"\r\n"),
            ("une ligne\nune autre", "\"une ligne\nune autre\"\r\n"),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn what_a_spreadsheet_would_calculate_is_text() {
        for (text, written) in [
            ("=1+1", "'=1+1\r\n"),
            ("+33 1", "'+33 1\r\n"),
            ("-2 pour le soin", "'-2 pour le soin\r\n"),
            ("@SUM(A1)", "'@SUM(A1)\r\n"),
            ("\tx", "'\tx\r\n"),
            ("\rx", "\"'\rx\"\r\n"),
            ("=A1;\"x\"", "\"'=A1;\"\"x\"\"\"\r\n"),
            ("2-1", "2-1\r\n"),
        ] {
            assert_eq!(cell(text), written);
        }
        let line = Line::separated_by(',').plain("-0.5").plain("x").end();
        assert_eq!(line, "-0.5,x\r\n");
    }
}
