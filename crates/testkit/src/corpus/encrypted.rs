//! Encrypted documents, with passwords that nobody uses.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use lopdf::encryption::Permissions;
use lopdf::{
    Dictionary, Document, EncryptionState, EncryptionVersion, Object, Stream, StringFormat, dictionary,
};

/// Anybody may read it; only the owner's password allows changes.
///
/// # Panics
/// Not for this document.
#[must_use]
pub fn owner_encrypted() -> Vec<u8> {
    encrypted("")
}

/// Nobody can read it without the password.
///
/// # Panics
/// Not for this document.
#[must_use]
pub fn user_encrypted() -> Vec<u8> {
    encrypted("not-a-real-password")
}

fn encrypted(user_password: &str) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let content = document.add_object(Stream::new(
        Dictionary::new(),
        b"1 0 0 rg 20 20 160 260 re f".to_vec(),
    ));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => tree, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 200.into(), 300.into()],
    });
    let node = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.set_object(tree, node);
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let id = Object::String(vec![7; 16], StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![id.clone(), id]);
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner-of-nothing",
        user_password,
        key_length: 128,
        permissions: Permissions::empty(),
    };
    let state = EncryptionState::try_from(version).expect("the passwords can be used");
    document.encrypt(&state).expect("the document can be encrypted");
    let mut file = Vec::new();
    document.save_to(&mut file).expect("writing to memory succeeds");
    file
}
