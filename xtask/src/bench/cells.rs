//! Points to cells: runs the library's own measurement on real county polygons and judges its figures.

use super::examples::Example;
use super::node;
use super::{Bar, Figures};
use crate::repo::Repo;
use anyhow::{Context, Result};

const COUNTIES: &str = "data/given/admin-cn/mapchina/china_counties.geojson.zst";

/// Runs the figures.
pub(super) fn measure(repo: &Repo, figures: &mut Figures) -> Result<()> {
    let Some(file) = node::shared(repo, COUNTIES) else {
        figures.leave_out(
            "points to cells",
            "needs the shared county polygons (ANLAN_SHARED)",
        );
        return Ok(());
    };
    let file = file.to_string_lossy().into_owned();
    let told: serde_json::Value = Example::build(repo, "anlan-grid", "locate")?.ask(&[&file])?;
    let number = |key: &str| {
        told.get(key)
            .and_then(serde_json::Value::as_f64)
            .with_context(|| format!("no {key}"))
    };
    let (ours, plain) = (number("points_per_second")?, number("plain_points_per_second")?);
    let among = format!(
        "{} polygons with {} corners; R-tree + point in polygon {:.2} million/s: {:.0} times",
        number("polygons")?,
        number("corners")?,
        plain / 1e6,
        ours / plain
    );
    figures.add(
        "points to cells on one core",
        (ours / 1e6, "million/s"),
        Bar::AtLeast(5.0),
        among,
    );
    let checked = format!(
        "of {} on edges and corners and {} anywhere, by exact ray casting",
        number("edge_points")?,
        number("points_checked")?
    );
    figures.add(
        "points given to a wrong cell",
        (number("wrong")?, ""),
        Bar::AtMost(0.0),
        checked,
    );
    Ok(())
}
