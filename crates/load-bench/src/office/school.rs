//! Pupils whom nobody has met.

use std::fmt::Write as _;

const BEGINNINGS: [&str; 20] = [
    "Bal", "Cor", "Dur", "Fal", "Gar", "Hul", "Jor", "Kel", "Lam", "Mor", "Nav", "Ost", "Pir", "Quil", "Rou",
    "Sal", "Tor", "Val", "Wes", "Zel",
];
const ENDINGS: [&str; 20] = [
    "ançon", "ard", "bert", "court", "dieu", "eau", "font", "gnac", "het", "ille", "lier", "mont", "neuf",
    "ois", "plessis", "quet", "rieux", "son", "tignac", "vigne",
];
const GIVEN_NAMES: [&str; 10] = [
    "Zoé",
    "Anne-Sophie",
    "Maël",
    "Inès",
    "Jean",
    "Chloé",
    "Raphaël",
    "Lou",
    "Éloïse",
    "Noé",
];

/// A list of so many pupils, as schools have it, with classes of this letter.
pub(super) fn list(pupils: u32, letter: &str) -> String {
    let mut list = String::from("Nom;Prénom;Né(e) le;Classe;INE\r\n");
    for pupil in 0..pupils {
        let part = |parts: &[&'static str], number: u32| {
            usize::try_from(number)
                .ok()
                .and_then(|number| parts.get(number % parts.len()).copied())
                .unwrap_or_default()
        };
        let (beginning, ending) = (part(&BEGINNINGS, pupil), part(&ENDINGS, pupil / 20));
        let given_name = part(&GIVEN_NAMES, pupil / 400);
        _ = write!(
            list,
            "{}{};{given_name};{:02}/{:02}/2010;{}{letter};9{pupil:08}\r\n",
            beginning.to_uppercase(),
            ending.to_uppercase(),
            1 + pupil / 4000 % 28,
            1 + pupil / 4000 / 28 % 12,
            1 + pupil % 150,
        );
    }
    list
}
