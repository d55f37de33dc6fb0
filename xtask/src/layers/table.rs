//! The architecture as data: rows, who may use whom, and what is absent where. No checking happens here.

/// One row: a crate, the folder it lives in, and those of our crates it may use.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) home: &'static str,
    pub(super) may_use: &'static [&'static str],
    /// Whether it is outside the workspace, alone in its home, with lints of its own.
    pub(super) is_alone: bool,
}

const fn row(name: &'static str, home: &'static str, may_use: &'static [&'static str]) -> Row {
    Row {
        name,
        home,
        may_use,
        is_alone: false,
    }
}

/// Every crate there may be. A crate of ours that is not named here is refused.
pub(super) const ROWS: &[Row] = &[
    row("anlan-grid", "libs", &[]),
    row("anlan-scan", "libs", &[]),
    row("anlan-tlog", "libs", &[]),
    row("anlan-model", "crates", &["anlan-grid"]),
    row("anlan-policy", "crates", &["anlan-model"]),
    row("anlan-intake", "crates", &["anlan-model", "anlan-scan"]),
    row("anlan-exchange", "crates", &["anlan-model", "anlan-tlog"]),
    row("anlan-store", "crates", &["anlan-model", "anlan-tlog"]),
    row("anlan-warehouse", "crates", &["anlan-model", "anlan-policy"]),
    row(
        "anlan-app",
        "crates",
        &[
            "anlan-model",
            "anlan-policy",
            "anlan-store",
            "anlan-grid",
            "anlan-scan",
            "anlan-tlog",
        ],
    ),
    row(
        "anlan-web",
        "crates",
        &["anlan-app", "anlan-intake", "anlan-model", "anlan-policy"],
    ),
    row(
        "anlan",
        "crates",
        &[
            "anlan-grid",
            "anlan-scan",
            "anlan-tlog",
            "anlan-model",
            "anlan-policy",
            "anlan-intake",
            "anlan-exchange",
            "anlan-store",
            "anlan-app",
            "anlan-web",
        ],
    ),
    row("xtask", "", &[]),
    Row {
        name: "anlan-scan-python",
        home: "python",
        may_use: &["anlan-scan"],
        is_alone: true,
    },
];

/// Something only some crates may touch.
pub(super) struct Absence {
    /// Short name for messages.
    pub(super) what: &'static str,
    /// Packages of that kind; a trailing `*` stands for any ending.
    pub(super) packages: &'static [&'static str],
    /// Crates that may depend on them.
    pub(super) only_in: &'static [&'static str],
    /// What to do instead.
    pub(super) instead: &'static str,
}

/// What is absent from every crate but those named.
pub(super) const ABSENCES: &[Absence] = &[
    Absence {
        what: "HTTP",
        packages: &[
            "axum*",
            "hyper*",
            "http",
            "http-body*",
            "tower",
            "tower-*",
            "utoipa*",
            "actix*",
            "warp",
        ],
        only_in: &["anlan-web"],
        instead: "keep status codes, headers and JSON shapes in anlan-web; hand it a plain value or app::Error",
    },
    Absence {
        what: "an HTTP client",
        packages: &["reqwest", "ureq", "curl", "isahc"],
        only_in: &["anlan"],
        instead: "ask others through the program's one client, crates/anlan/src/http.rs",
    },
    Absence {
        what: "the operational store's SQL",
        packages: &[
            "rusqlite",
            "libsqlite3-sys",
            "sqlx*",
            "postgres*",
            "tokio-postgres",
            "diesel*",
            "sea-orm*",
            "sea-query*",
        ],
        only_in: &["anlan-store"],
        instead: "add a function for the noun to anlan-store and call that",
    },
    Absence {
        what: "Arrow and DataFusion",
        packages: &[
            "arrow*",
            "datafusion*",
            "parquet",
            "ballista*",
            "deltalake*",
            "pgwire",
            "opendp",
        ],
        only_in: &["anlan-warehouse"],
        instead: "ask through the port app::ports::Analysis; the engine is a program of its own",
    },
    Absence {
        what: "foreign formats",
        packages: &["calamine", "quick-xml", "encoding_rs", "rumqttc", "rumqttd"],
        only_in: &["anlan-intake", "anlan-exchange"],
        instead: "parse and print foreign formats in anlan-intake (towards other nodes: anlan-exchange)",
    },
    // Tables of our own (classes, say) are CSV too: the model may read that one format.
    Absence {
        what: "CSV",
        packages: &["csv", "csv-core"],
        only_in: &["anlan-intake", "anlan-exchange", "anlan-model"],
        instead: "parse and print foreign formats in anlan-intake (towards other nodes: anlan-exchange)",
    },
];

/// The one crate that reads the environment and starts threads, tasks and processes.
pub(super) const PROGRAM: &str = "anlan";

/// Names that say nothing about what is inside.
pub(super) const EMPTY_NAMES: [&str; 10] = [
    "common", "util", "utils", "types", "core", "helper", "helpers", "manager", "managers", "misc",
];
