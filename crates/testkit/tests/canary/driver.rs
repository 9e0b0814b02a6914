//! Sends requests and remembers: which operation was asked, and what was told to who was refused.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use testkit::{Answer, Client, System, api};

use crate::kinds::KINDS;
use crate::scan::Canary;
use crate::sent::rewritten;
use crate::sinks::Passing;

/// An operation of the document: method and template.
pub(crate) type Operation = (String, String);

pub(crate) struct Driver {
    pub(crate) passing: Passing,
    /// What the system gave out that nobody may read elsewhere.
    secrets: Vec<Canary>,
    operations: Vec<Operation>,
    asked: BTreeSet<Operation>,
    /// The codes of the refusals.
    pub(crate) problems: BTreeSet<String>,
    /// In which ways what is typed was written that was taken, and which way has its turn.
    pub(crate) taken: BTreeSet<&'static str>,
    turn: usize,
    /// The commands that operators gave.
    pub(crate) operated: BTreeSet<String>,
}

impl Driver {
    pub(crate) async fn of(system: &System) -> Self {
        let document = system.client().get("/openapi.json").await.expect(200).json();
        Self {
            passing: Passing::default(),
            secrets: Vec::new(),
            operations: api::operations(&document),
            asked: BTreeSet::new(),
            problems: BTreeSet::new(),
            taken: BTreeSet::new(),
            turn: 0,
            operated: BTreeSet::new(),
        }
    }

    /// Every operation of the document.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.operations.clone()
    }

    /// Those that were never let through.
    pub(crate) fn never_asked(&self) -> Vec<&Operation> {
        let operations = self.operations.iter();
        operations
            .filter(|operation| !self.asked.contains(*operation))
            .collect()
    }

    /// Everything to look for.
    pub(crate) fn canaries(&self) -> Vec<Canary> {
        let known = KINDS.iter().map(|(kind, word)| (*kind, (*word).to_owned()));
        known.chain(self.secrets.iter().cloned()).collect()
    }

    /// Keeps a secret that an answer gave out.
    pub(crate) fn secret(&mut self, kind: &'static str, secret: String) -> String {
        assert!(secret.len() >= 16, "{kind}");
        self.secrets.push((kind, secret.clone()));
        secret
    }

    /// Sends a request; a refusal is kept for the search.
    pub(crate) async fn send(&mut self, system: &System, request: RequestBuilder) -> Answer {
        let (http, request) = request.build_split();
        let mut request = request.unwrap();
        let writing = rewritten(&mut request, self.turn);
        self.turn += 1;
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = http.execute(request).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.unwrap().to_vec();
        if status < 400 {
            self.asked.extend(self.operation(&method, &path));
            self.taken.extend(writing);
        }
        let answer = Answer {
            status,
            headers,
            body,
        };
        self.keep(&method, &answer);
        self.passing.look(system);
        answer
    }

    /// Keeps what somebody was told who was refused, and by which code.
    pub(crate) fn keep(&mut self, method: &Method, answer: &Answer) {
        if answer.status < 400 {
            return;
        }
        self.problems.insert(answer.text("/code"));
        let head = format!("{method} {} {:?} ", answer.status, answer.headers);
        let refusals = &mut self.passing.refusals;
        refusals.extend([head.as_bytes(), &answer.body, b"\n"].concat());
    }

    fn operation(&self, method: &Method, path: &str) -> Option<Operation> {
        let fits = |template: &str| {
            let (given, wanted): (Vec<_>, Vec<_>) =
                (path.split('/').collect(), template.split('/').collect());
            let alike = |(given, wanted): (&&str, &&str)| given == wanted || wanted.starts_with('{');
            given.len() == wanted.len() && given.iter().zip(&wanted).all(alike)
        };
        let mut operations = self.operations.iter();
        let found = operations.find(|(known, template)| known == method.as_str() && fits(template));
        found.cloned()
    }
}

/// A request as the API's own clients make it.
pub(crate) fn json(client: &Client, method: Method, path: &str, body: &Value) -> RequestBuilder {
    client.request(method, path).json(body)
}
