//! Documents for tests, made on the spot and the same every time: what scanners and programs write, and what an
//! attacker would.
//!
//! Every function returns the bytes of one file. Nothing here is taken from anybody; names are invented.

mod book;
mod broken;
mod encrypted;
mod hostile;
mod pages;
mod scans;
mod sheets;
mod talkative;

pub use broken::{
    cyclic_tree, missing_page, mutated, not_a_pdf, shared_page, truncated, two_headed_tree, undecodable_scan,
    zero_pages,
};
pub use encrypted::{owner_encrypted, user_encrypted};
pub use hostile::{
    endless, gigantic_page, image_bomb, inflating_content, inflating_without_end, many_pages, nested,
};
pub use korrigo::demo::scans::{Picture, Scan};
pub use pages::{
    MARKER_SIZE, crop_outside, cropped, header, inherited, large_unit, layered, marked, marker, photograph,
    rotated, text, unbalanced,
};
pub use scans::{
    Filter, bilevel_scan, filtered_scan, grey_scan, scan, scan_of_jpeg, scan_with, stamped_scan,
};
pub use sheets::{numbered, turned_sheet};
pub use talkative::{Said, Strings, saying, talkative};
