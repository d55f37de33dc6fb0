//! Every column of a database as it is after the newest migration has its line in the classification, and every line its
//! column. Types held as JSON are compared by `cargo xtask docs`.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod support;

use anlan_model::classifications::Classification;
use std::collections::BTreeSet;
use support::Bench;

/// `table.column` of everything in the database, the search index's own tables and the planner's too.
fn columns(connection: &rusqlite::Connection) -> BTreeSet<String> {
    let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'";
    let mut statement = connection.prepare(sql).unwrap();
    let found = statement.query_map([], |row| row.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}

/// What is not on both sides.
fn differing(connection: &rusqlite::Connection) -> Vec<String> {
    let shipped = Classification::shipped().unwrap();
    let tables = shipped.tables.iter();
    let known: BTreeSet<String> = tables
        .flat_map(|(table, holder)| holder.fields.keys().map(move |field| format!("{table}.{field}")))
        .collect();
    columns(connection)
        .symmetric_difference(&known)
        .cloned()
        .collect()
}

#[test]
fn every_column_has_its_line_and_a_new_one_without_fails() {
    let mut bench = Bench::new();
    bench.stop();
    let connection = rusqlite::Connection::open(bench.path()).unwrap();
    connection.execute_batch("ANALYZE").unwrap();
    assert_eq!(
        differing(&connection),
        Vec::<String>::new(),
        "see standards/classification.toml"
    );
    connection
        .execute_batch("ALTER TABLE reports ADD COLUMN mood TEXT; CREATE TABLE households (id INTEGER)")
        .unwrap();
    assert_eq!(differing(&connection), ["households.id", "reports.mood"]);
    connection
        .execute_batch("ALTER TABLE reports DROP COLUMN mood; DROP TABLE households; ALTER TABLE photos DROP COLUMN width")
        .unwrap();
    assert_eq!(differing(&connection), ["photos.width"]);
}
