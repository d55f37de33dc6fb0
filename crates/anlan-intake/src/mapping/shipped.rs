//! The mappings that come with Anlan, embedded. Adding one is adding its file here.

macro_rules! standard {
    ($file:literal) => {
        include_str!(concat!("../../../../standards/mappings/", $file))
    };
}

const SHIPPED: &[(&str, &str)] = &[
    ("anlan", standard!("anlan.toml")),
    ("boston-2011", standard!("boston-2011.toml")),
    ("boston-2015", standard!("boston-2015.toml")),
    ("boston-2025", standard!("boston-2025.toml")),
    ("boston-open311", standard!("boston-open311.toml")),
    ("chicago-sanitation", standard!("chicago-sanitation.toml")),
    ("montgomery-911", standard!("montgomery-911.toml")),
];

const COMPANIONS: &[(&str, &str)] = &[
    ("anlan.classes.csv", standard!("anlan.classes.csv")),
    ("boston.classes.csv", standard!("boston.classes.csv")),
    ("chicago.classes.csv", standard!("chicago.classes.csv")),
    ("montgomery.classes.csv", standard!("montgomery.classes.csv")),
];

/// Name and text of every shipped mapping.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

/// A file beside the shipped mappings, by name.
pub fn companion(name: &str) -> Option<&'static str> {
    COMPANIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
