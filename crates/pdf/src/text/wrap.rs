//! Breaks a text into lines that fit.

/// Lines no wider than `width`: broken at spaces, and within a word that is wider than a line. Put together again
/// they are the whole text.
pub(crate) fn wrap(text: &str, width: f64, advance: impl Fn(char) -> f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = Line::default();
        for word in paragraph.split_inclusive(' ') {
            let long: f64 = word.trim_end().chars().map(&advance).sum();
            // Spaces alone stay where they are: at the end of a line they take no room.
            if long > 0.0 && line.used + long > width {
                lines.extend(line.take());
            }
            for character in word.chars() {
                let wide = advance(character);
                if line.used + wide > width && character != ' ' {
                    lines.extend(line.take());
                }
                line.text.push(character);
                line.used += wide;
            }
        }
        lines.push(line.text.trim_end().to_owned());
    }
    lines
}

#[derive(Default)]
struct Line {
    text: String,
    used: f64,
}

impl Line {
    /// The line, if there is anything on it; a new one begins.
    fn take(&mut self) -> Option<String> {
        let line = std::mem::take(self);
        (!line.text.is_empty()).then(|| line.text.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::wrap;

    #[test]
    fn lines_break_at_spaces_and_within_words_that_are_too_long() {
        let lines = wrap("un deux  trois\n\nanticonstitutionnel", 7.0, |_| 1.0);
        assert_eq!(lines, ["un deux", "trois", "", "anticon", "stituti", "onnel"]);
    }

    proptest! {
        #[test]
        fn no_character_is_lost_and_no_line_is_too_wide(text in "[a-zé \n]{0,300}", width in 1.0..20.0_f64) {
            let lines = wrap(&text, width, |_| 1.0);
            let plain = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(plain(&lines.concat()), plain(&text));
            prop_assert!(lines.iter().all(|line| line.chars().count() <= 20));
        }
    }
}
