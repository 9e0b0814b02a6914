//! Which series an expression of Prometheus asks for. It knows as much of the language as our own expressions need:
//! names, matchers, functions, groupings. Whether an expression is right, `promtool` says.

use std::iter::Peekable;
use std::str::Chars;
use std::vec::IntoIter;

/// A metric by its name, and the labels that are asked of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Selector {
    pub(crate) metric: String,
    pub(crate) matchers: Vec<Matcher>,
}

/// A label and the values that are asked of it, or excluded.
#[derive(Debug, PartialEq)]
pub(crate) struct Matcher {
    pub(crate) label: String,
    pub(crate) value: String,
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// What stands before a list of labels.
const GROUPINGS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
/// Words that are not the name of anything.
const OPERATORS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];

/// All selectors of an expression, in their order.
pub(crate) fn selectors(expression: &str) -> Vec<Selector> {
    let mut tokens = tokens(expression).into_iter().peekable();
    let mut found = Vec::new();
    while let Some(token) = tokens.next() {
        let Token::Word(word) = token else { continue };
        if GROUPINGS.contains(&word.as_str()) {
            skip_list(&mut tokens);
        } else if !OPERATORS.contains(&word.as_str()) && !is_function(tokens.peek()) {
            let matchers = matchers(&mut tokens);
            found.push(Selector {
                metric: word,
                matchers,
            });
        }
    }
    found
}

/// Functions and aggregations are followed by what they are applied to, or grouped by.
fn is_function(next: Option<&Token>) -> bool {
    match next {
        Some(Token::Sign(sign)) => *sign == '(',
        Some(Token::Word(word)) => word == "by" || word == "without",
        Some(Token::Text(_)) | None => false,
    }
}

fn skip_list(tokens: &mut Peekable<IntoIter<Token>>) {
    if tokens.next_if_eq(&Token::Sign('(')).is_some() {
        tokens.by_ref().find(|token| *token == Token::Sign(')'));
    }
}

fn matchers(tokens: &mut Peekable<IntoIter<Token>>) -> Vec<Matcher> {
    let mut found = Vec::new();
    if tokens.next_if_eq(&Token::Sign('{')).is_none() {
        return found;
    }
    let mut label = String::new();
    for token in tokens.by_ref() {
        match token {
            Token::Word(word) => label = word,
            Token::Text(value) => found.push(Matcher {
                label: std::mem::take(&mut label),
                value,
            }),
            Token::Sign('}') => break,
            Token::Sign(_) => {}
        }
    }
    found
}

/// Numbers, durations and Grafana's variables name no series and are left out.
fn tokens(expression: &str) -> Vec<Token> {
    let mut chars = expression.chars().peekable();
    let mut found = Vec::new();
    while let Some(first) = chars.next() {
        match first {
            '"' | '\'' => found.push(Token::Text(text(&mut chars, first))),
            '$' => drop(rest_of_word(&mut chars)),
            _ if first.is_ascii_digit() => drop(rest_of_word(&mut chars)),
            _ if is_of_word(first) => {
                let word = format!("{first}{}", rest_of_word(&mut chars));
                found.push(Token::Word(word));
            }
            _ if first.is_whitespace() => {}
            _ => found.push(Token::Sign(first)),
        }
    }
    found
}

fn text(chars: &mut Peekable<Chars<'_>>, quote: char) -> String {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            _ if c == quote => break,
            _ => text.push(c),
        }
    }
    text
}

fn rest_of_word(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut word = String::new();
    while let Some(c) = chars.next_if(|c| is_of_word(*c)) {
        word.push(c);
    }
    word
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(expression: &str) -> Vec<String> {
        let selectors = selectors(expression).into_iter();
        selectors.map(|selector| selector.metric).collect()
    }

    #[test]
    fn only_metrics_are_found() {
        let expression = "histogram_quantile(0.95, sum by (le) (rate(a_bucket[15m]))) > 8 * 3600 \
                          and on () sum(increase(b[$__rate_interval])) unless on (queue) c:d offset 5m";
        assert_eq!(names(expression), ["a_bucket", "b", "c:d"]);
    }

    #[test]
    fn matchers_belong_to_their_metric() {
        let found = selectors(r#"a{status=~"5..",path!="/x/{id}"} / b{queue="k\\.q"}"#);
        let matchers: Vec<(&str, &str)> = found
            .iter()
            .flat_map(|selector| &selector.matchers)
            .map(|matcher| (matcher.label.as_str(), matcher.value.as_str()))
            .collect();
        assert_eq!(
            matchers,
            [("status", "5.."), ("path", "/x/{id}"), ("queue", r"k\.q")]
        );
        assert_eq!(found.len(), 2);
    }
}
