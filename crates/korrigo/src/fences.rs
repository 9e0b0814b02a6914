//! The commands in a document: the lines between its fences, and what is written as code within its sentences.

/// A line of a document, as who runs its commands reads it.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// A line for people.
    Plain(&'a str),
    /// A line between fences. One that goes on below is whole here.
    Fenced {
        /// What the fence is marked with.
        mark: &'a str,
        /// The line.
        line: String,
    },
}

/// All lines of a document but the fences themselves.
#[must_use]
pub fn read(text: &str) -> Vec<Said<'_>> {
    let (mut said, mut fence, mut begun) = (Vec::new(), None, String::new());
    for line in text.lines() {
        match (fence, line.strip_prefix("```")) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(_), Some(_)) => fence = None,
            (None, None) => said.push(Said::Plain(line)),
            (Some(mark), None) => {
                begun.push_str(line.trim());
                if let Some(more) = begun.strip_suffix('\\') {
                    begun = more.to_owned();
                } else {
                    let line = std::mem::take(&mut begun);
                    said.push(Said::Fenced { mark, line });
                }
            }
        }
    }
    said
}

/// A line between fences, and where in its document that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The heading of the second level above it.
    pub section: &'a str,
    /// The one of the third level below that, if there is one.
    pub part: &'a str,
    /// Lines between the same fences have the same number here.
    pub fence: usize,
    /// What the fence is marked with.
    pub mark: &'a str,
    /// The line, whole.
    pub text: String,
}

/// All lines between fences that are not empty.
#[must_use]
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let (mut lines, mut section, mut part, mut fence) = (Vec::new(), "", "", 0);
    for said in read(text) {
        match said {
            Said::Plain(line) => {
                fence += 1;
                if let Some(heading) = line.strip_prefix("## ") {
                    (section, part) = (heading.trim(), "");
                } else if let Some(heading) = line.strip_prefix("### ") {
                    part = heading.trim();
                }
            }
            Said::Fenced { line, .. } if line.is_empty() => {}
            Said::Fenced { mark, line } => lines.push(Line {
                section,
                part,
                fence,
                mark,
                text: line,
            }),
        }
    }
    lines
}

/// What is written as code within sentences and tables. A span that goes on in the next line is whole here.
#[must_use]
pub fn inline(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for said in read(text) {
        match said {
            Said::Plain(line) if !line.trim().is_empty() => {
                if let Some(paragraph) = paragraphs.last_mut() {
                    paragraph.push_str(line.trim());
                    paragraph.push(' ');
                }
            }
            Said::Plain(_) | Said::Fenced { .. } => paragraphs.push(String::new()),
        }
    }
    let spans = paragraphs
        .iter()
        .flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2));
    // A table would end its cell at a bar that stands alone.
    spans.map(|span| span.replace("\\|", "|")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_between_fences_are_told_from_others_and_joined() {
        let text = "# One\n```sh\na \\\n  b\n\nc\n```\n```\nd\n```\nTwo";
        let fenced = |mark, line: &str| Said::Fenced {
            mark,
            line: line.to_owned(),
        };
        let expected = [
            Said::Plain("# One"),
            fenced("sh", "a b"),
            fenced("sh", ""),
            fenced("sh", "c"),
            fenced("", "d"),
            Said::Plain("Two"),
        ];
        assert_eq!(read(text), expected);
    }

    #[test]
    fn lines_between_fences_have_their_headings() {
        let text =
            "```\na\n```\n## One\n### Half\n```sh\nb\n\nc\n```\n## Two\n```sh\nd\n```\n\n```sh\ne\n```";
        let found = lines(text);
        let places: Vec<_> = found
            .iter()
            .map(|line| (line.section, line.part, line.text.as_str()))
            .collect();
        let expected = [
            ("", "", "a"),
            ("One", "Half", "b"),
            ("One", "Half", "c"),
            ("Two", "", "d"),
            ("Two", "", "e"),
        ];
        assert_eq!(places, expected);
        let fences: Vec<_> = found.iter().map(|line| line.fence).collect();
        assert_eq!(fences.windows(2).filter(|pair| pair[0] == pair[1]).count(), 1);
    }

    #[test]
    fn code_within_sentences_is_whole_and_told_from_what_is_between_fences() {
        let text = "Do `one\ntwo` or `three`.\n\n| `a \\| b` |\n```sh\necho `no`\n```\n`four`";
        assert_eq!(inline(text), ["one two", "three", "a | b", "four"]);
    }
}
