//! Pages of other origins.

use reqwest::{Method, RequestBuilder};

use crate::gateway::{Answer, Gateway};

const LISTED: &str = "https://marks.example";

fn asked(gateway: &Gateway, method: Method, origin: &str) -> RequestBuilder {
    gateway.request(method, "/api/v1/exams").header("origin", origin)
}

#[tokio::test]
async fn a_listed_origin_may_ask_and_read_also_refusals() {
    let gateway =
        Gateway::start_with(&["--allowed-origins=https://other.example,https://marks.example"]).await;
    let preflight = asked(&gateway, Method::OPTIONS, LISTED).header("access-control-request-method", "POST");
    let preflight = Answer::of(preflight).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), LISTED);
    assert_eq!(preflight.header("access-control-allow-credentials"), "true");
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("idempotency-key")
    );
    let refused = Answer::of(asked(&gateway, Method::GET, LISTED)).await;
    refused.assert_refused(401, "unauthenticated");
    assert_eq!(refused.header("access-control-allow-origin"), LISTED);
    assert!(
        refused
            .header("access-control-expose-headers")
            .contains("x-request-id")
    );
}

#[tokio::test]
async fn no_other_origin_is_let_in() {
    let listing = Gateway::start_with(&["--allowed-origins=https://marks.example"]).await;
    let silent = Gateway::start().await;
    for (gateway, origin) in [
        (&listing, "https://marks.example.evil.test"),
        (&listing, "null"),
        (&silent, LISTED),
    ] {
        let preflight =
            asked(gateway, Method::OPTIONS, origin).header("access-control-request-method", "POST");
        let answer = Answer::of(preflight).await;
        assert!(
            !answer
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control")),
            "{origin}"
        );
    }
}
