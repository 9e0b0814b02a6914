//! Documents that are refused, each with its own reason.

use domain::FailureCode;
use pdf::{Error, Limits};
use testkit::corpus;

use super::{pages, pages_within};

#[test]
fn what_is_not_a_readable_pdf_is_invalid() {
    for (name, document) in [
        ("nothing", Vec::new()),
        ("a text", corpus::not_a_pdf()),
        ("half a scan", corpus::truncated()),
        ("a tree that contains itself", corpus::cyclic_tree()),
        ("a page that is also a node", corpus::two_headed_tree()),
    ] {
        assert_eq!(
            pages(document).unwrap_err().failure_code(),
            FailureCode::InvalidPdf,
            "{name}"
        );
    }
}

#[test]
fn no_page_is_ever_left_out_in_silence() {
    assert_eq!(pages(corpus::missing_page()).unwrap_err(), Error::UnreadablePage);
    assert_eq!(
        pages(corpus::undecodable_scan()).unwrap_err(),
        Error::UnreadablePage
    );
    assert_eq!(pages(corpus::crop_outside()).unwrap_err(), Error::UnreadablePage);
}

#[test]
fn a_page_named_three_times_is_three_pages() {
    assert_eq!(pages(corpus::shared_page()).unwrap().len(), 3);
}

#[test]
fn a_document_without_pages_is_empty() {
    assert_eq!(pages(corpus::zero_pages()).unwrap_err(), Error::Empty);
}

#[test]
fn only_a_password_for_reading_keeps_a_document_closed() {
    assert_eq!(pages(corpus::user_encrypted()).unwrap_err(), Error::Encrypted);
    assert_eq!(pages(corpus::owner_encrypted()).unwrap().len(), 1);
}

#[test]
fn the_limit_of_pages_holds_to_the_page() {
    let limits = Limits {
        max_pages: 3,
        ..Limits::default()
    };
    assert_eq!(pages_within(corpus::many_pages(3), limits).unwrap().len(), 3);
    assert_eq!(
        pages_within(corpus::many_pages(4), limits).unwrap_err(),
        Error::TooManyPages
    );
}

#[test]
fn a_page_beyond_the_pixel_budget_is_not_even_begun() {
    assert_eq!(pages(corpus::gigantic_page()).unwrap_err(), Error::PageTooLarge);
}

#[test]
fn content_that_inflates_beyond_the_limit_is_not_unpacked() {
    let limits = Limits {
        max_decoded_bytes: 1_000_000,
        ..Limits::default()
    };
    assert_eq!(
        pages_within(corpus::inflating_content(1_000_000), limits)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        pages_within(corpus::inflating_content(1_000_001), limits).unwrap_err(),
        Error::TooMuchData
    );
}

#[test]
fn every_refusal_has_the_code_that_people_see() {
    let code = |document| pages(document).unwrap_err().failure_code();
    assert_eq!(code(corpus::not_a_pdf()), FailureCode::InvalidPdf);
    assert_eq!(code(corpus::missing_page()), FailureCode::InvalidPdf);
    assert_eq!(code(corpus::user_encrypted()), FailureCode::EncryptedPdf);
    assert_eq!(code(corpus::zero_pages()), FailureCode::EmptyResult);
    assert_eq!(code(corpus::many_pages(501)), FailureCode::TooManyPages);
    assert_eq!(code(corpus::gigantic_page()), FailureCode::PageTooLarge);
}
