//! The standard header, RFC 7239: elements of pairs, whose values may be quoted and have any character in them then.

/// What each element of a value says after `for=`, from left to right. `None` for an element that says nothing of it
/// or says it twice, and for one that is not written as it must be. After a quote that is not closed nobody knows
/// where an element ends: the whole value is one such element then.
pub(super) fn hops(value: &str) -> Vec<Option<String>> {
    match split(value, ',') {
        Some(elements) => elements.into_iter().map(named).collect(),
        None => vec![None],
    }
}

/// Whom an element names.
fn named(element: &str) -> Option<String> {
    let mut found = None;
    for pair in split(element, ';')? {
        let (name, value) = pair.trim_matches(BLANK).split_once('=')?;
        if !is_token(name) {
            return None;
        }
        let value = unquoted(value)?;
        if name.eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
    }
    found
}

const BLANK: [char; 2] = [' ', '\t'];

/// The parts of `text` between these separators. None is looked for in quotes; `None` if they are not closed.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|character| {
        let ends = !quoted && character == separator;
        if escaped {
            escaped = false;
        } else if quoted && character == '\\' {
            escaped = true;
        } else if character == '"' {
            quoted = !quoted;
        }
        ends
    });
    let parts = parts.collect();
    (!quoted).then_some(parts)
}

/// A token, or what is between quotes.
fn unquoted(value: &str) -> Option<String> {
    let Some(quoted) = value.strip_prefix('"') else {
        return is_token(value).then(|| value.to_owned());
    };
    let mut characters = quoted.strip_suffix('"')?.chars();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => text.push(characters.next()?),
            other => text.push(other),
        }
    }
    Some(text)
}

fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}
