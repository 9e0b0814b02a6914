//! What the invented pupils write. The mathematics is mostly right.

/// First names and surnames that are plainly invented.
pub(super) const FIRST_NAMES: &[&str] = &[
    "Camille", "Sacha", "Noa", "Alix", "Lou", "Charlie", "Eden", "Maxence",
];
pub(super) const SURNAMES: &[&str] = &[
    "Exemple", "Specimen", "Fictif", "Inventé", "Quidam", "Modèle", "Untel", "Anonyme",
];

/// Printed at the top.
pub(super) const TITLE: &str = "LYCEE DE DEMONSTRATION - Mathématiques";

/// Sentences, in no order.
pub(super) const SENTENCES: &[&str] = &[
    "On pose f(x) = 3x + 2, donc f est croissante.",
    "La dérivée vaut f'(x) = 6x - 4.",
    "Comme 6x - 4 > 0 pour x > 2/3, on conclut.",
    "Le triangle ABC est rectangle en B",
    "car AB² + BC² = AC² (Pythagore).",
    "Donc AC = 5 cm et l'aire vaut 6 cm².",
    "On a u(n+1) = 2 u(n) + 1 avec u(0) = 1.",
    "Par récurrence, u(n) = 2 x 2² - 1 pour n = 2.",
    "La probabilité est p = 3/8, soit 0,375.",
    "Les événements A et B sont indépendants",
    "parce que p(A et B) = p(A) x p(B).",
    "La droite d a pour équation y = 2x - 5.",
    "Elle coupe l'axe des abscisses en x = 2,5.",
    "Le discriminant vaut 25 - 24 = 1 > 0,",
    "donc il y a deux solutions : x = 2 et x = 3.",
    "On vérifie : 4 - 10 + 6 = 0, c'est juste.",
    "La moyenne de la série est 12,4.",
    "L'écart entre les deux est négligeable.",
    "Je remplace x par 1 dans l'équation.",
    "Ce résultat est cohérent avec la figure.",
];
