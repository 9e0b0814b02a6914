use proptest::prelude::*;

use super::*;

fn scores(quarters: &[i32]) -> Scores {
    Scores::of(quarters.iter().copied().map(Points::from_quarters))
}

/// What copies were given for a question, each with its score.
fn given(copies: &[(i32, i32)]) -> Given {
    let mut given = Given::default();
    for (question, score) in copies {
        let (question, score) = (i64::from(*question), i64::from(*score));
        given.sum += question;
        given.squares += question * question;
        given.products += question * score;
    }
    given
}

fn text(number: Option<Decimal>) -> String {
    number.map_or_else(|| "none".to_owned(), |number| number.to_string())
}

#[test]
fn a_few_copies_worked_out_by_hand() {
    // 5, 10, 10.25 and 16 points.
    let lot = scores(&[64, 20, 41, 40]);
    assert_eq!(lot.count(), 4);
    assert_eq!(text(lot.mean()), "10.31");
    assert_eq!(text(lot.deviation()), "3.89");
    let quartiles = [Quartile::Lower, Quartile::Middle, Quartile::Upper];
    let quartiles = quartiles.map(|quartile| text(lot.quartile(quartile)));
    assert_eq!(quartiles, ["8.75", "10.13", "11.69"]);
    let (lowest, highest) = lot.range().unwrap();
    assert_eq!(
        (lowest.to_string(), highest.to_string()),
        ("5.00".into(), "16.00".into())
    );
}

#[test]
fn one_copy_has_a_mean_and_no_spread_and_none_has_nothing() {
    let one = scores(&[50]);
    assert_eq!(
        (text(one.mean()), text(one.deviation())),
        ("12.50".into(), "0.00".into())
    );
    assert_eq!(text(one.quartile(Quartile::Upper)), "12.50");
    assert_eq!(one.discrimination_of(given(&[(8, 50)])), None);
    let none = Scores::default();
    assert_eq!((none.mean(), none.deviation(), none.range()), (None, None, None));
    assert_eq!(none.quartile(Quartile::Middle), None);
    assert_eq!(none.mean_of(Given::default()), None);
    assert_eq!(none.difficulty_of(Given::default(), Points::TWENTY), None);
    assert_eq!(none.discrimination_of(Given::default()), None);
    assert_eq!(none.histogram(Points::TWENTY), [0; 20]);
}

#[test]
fn bins_are_of_a_point_and_the_last_takes_the_maximum() {
    let lot = scores(&[0, 3, 4, 7, 8, 9, 10]);
    assert_eq!(lot.histogram(Points::from_quarters(10)), [2, 2, 3]);
    // Frozen under a scheme that brought more.
    assert_eq!(lot.histogram(Points::from_quarters(4)), [7]);
    assert_eq!(scores(&[80]).histogram(Points::TWENTY).last(), Some(&1));
}

#[test]
fn a_question_is_easy_where_it_brings_its_points_and_discriminates_where_the_good_have_them() {
    let copies = [(0, 10), (0, 20), (4, 34), (4, 44)];
    let lot = scores(&copies.map(|(_, score)| score));
    assert_eq!(text(lot.mean_of(given(&copies))), "0.50");
    assert_eq!(
        text(lot.difficulty_of(given(&copies), Points::from_quarters(4))),
        "0.50"
    );
    // The rest of the score is 10, 20, 30 and 40: 40 / sqrt(2000).
    assert_eq!(text(lot.discrimination_of(given(&copies))), "0.89");
    let against = [(4, 14), (4, 24), (0, 30), (0, 40)];
    let lot = scores(&against.map(|(_, score)| score));
    assert_eq!(text(lot.discrimination_of(given(&against))), "-0.89");
    let alike = [(4, 14), (4, 24)];
    let lot = scores(&alike.map(|(_, score)| score));
    assert_eq!(lot.discrimination_of(given(&alike)), None);
    let alone = [(4, 4), (8, 8)];
    let lot = scores(&alone.map(|(_, score)| score));
    assert_eq!(lot.discrimination_of(given(&alone)), None);
}

#[test]
fn the_largest_lots_of_the_largest_scores_stay_exact() {
    let copies: Vec<(i32, i32)> = (0..10_000)
        .map(|number| (number % 2 * 4000, number % 2 * 4000 + number % 3))
        .collect();
    let lot = Scores::of(copies.iter().map(|(_, score)| Points::from_quarters(*score)));
    assert_eq!(text(lot.mean_of(given(&copies))), "500.00");
    assert!(lot.discrimination_of(given(&copies)).is_some());
}

/// Close to what a calculation with fractions says.
fn is_close(exact: Option<Decimal>, about: f64) -> bool {
    let exact: f64 = text(exact).parse().unwrap();
    (exact - about).abs() <= 0.005 + 1e-9
}

proptest! {
    #[test]
    fn figures_are_those_of_a_calculation_with_fractions(
        copies in prop::collection::vec((0..=40i32, 0..=40i32), 2..60),
    ) {
        let copies: Vec<(i32, i32)> = copies.iter().map(|(question, rest)| (*question, question + rest)).collect();
        let lot = Scores::of(copies.iter().map(|(_, score)| Points::from_quarters(*score)));
        let number = f64::from(u32::try_from(copies.len()).unwrap());
        let mean = |values: &[f64]| values.iter().sum::<f64>() / number;
        let points: Vec<f64> = copies.iter().map(|(_, score)| f64::from(*score) / 4.0).collect();
        let variance = mean(&points.iter().map(|score| (score - mean(&points)).powi(2)).collect::<Vec<_>>());
        prop_assert!(is_close(lot.mean(), mean(&points)));
        prop_assert!(is_close(lot.deviation(), variance.sqrt()));

        let question: Vec<f64> = copies.iter().map(|(question, _)| f64::from(*question)).collect();
        let rest: Vec<f64> = copies.iter().map(|(question, score)| f64::from(score - question)).collect();
        let together = |one: &[f64], other: &[f64]| {
            let pairs = one.iter().zip(other);
            mean(&pairs.map(|(a, b)| (a - mean(one)) * (b - mean(other))).collect::<Vec<_>>())
        };
        let spreads = together(&question, &question) * together(&rest, &rest);
        match lot.discrimination_of(given(&copies)) {
            None => prop_assert!(spreads < 1e-6),
            found => prop_assert!(is_close(found, together(&question, &rest) / spreads.sqrt())),
        }
    }

    #[test]
    fn quartiles_are_in_order_and_every_copy_is_in_one_bin(quarters in prop::collection::vec(0..=80i32, 1..60)) {
        let lot = scores(&quarters);
        let [lower, middle, upper] = [Quartile::Lower, Quartile::Middle, Quartile::Upper]
            .map(|quartile| lot.quartile(quartile).unwrap());
        let (lowest, highest) = lot.range().unwrap();
        prop_assert!(lowest <= lower && lower <= middle && middle <= upper && upper <= highest);
        let counted: u32 = lot.histogram(Points::TWENTY).iter().sum();
        prop_assert_eq!(usize::try_from(counted).unwrap(), quarters.len());
    }
}
