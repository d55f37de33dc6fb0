//! What a map and a board of figures draw.

use anlan_app::maps as app;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Cases that fall together at a zoom, or one alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cluster {
    pub(crate) lon: f64,
    pub(crate) lat: f64,
    pub(crate) count: u32,
    pub(crate) overdue: u32,
    /// The case, if it is alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<i64>,
    /// West, south, east, north.
    #[schema(min_items = 4, max_items = 4)]
    pub(crate) bbox: [f64; 4],
}

/// The clusters of a window.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Clusters {
    pub(crate) clusters: Vec<Cluster>,
    /// Matching cases in the window.
    pub(crate) total: u64,
}

/// Counts of one cell.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CellHeat {
    pub(crate) id: i64,
    pub(crate) count: u32,
    pub(crate) overdue: u32,
}

/// Counts per cell.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Heat {
    pub(crate) cells: Vec<CellHeat>,
}

/// Counts of the matching cases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    pub(crate) total: u64,
    pub(crate) overdue: u64,
    pub(crate) by_state: BTreeMap<String, u64>,
    pub(crate) by_priority: BTreeMap<String, u64>,
    pub(crate) by_office: BTreeMap<String, u64>,
    pub(crate) by_class: BTreeMap<String, u64>,
}

impl From<app::Clusters> for Clusters {
    fn from(found: app::Clusters) -> Self {
        let clusters = found.clusters.into_iter().map(|cluster| Cluster {
            lon: cluster.lon,
            lat: cluster.lat,
            count: cluster.count,
            overdue: cluster.flagged,
            id: cluster.single.map(i64::from),
            bbox: cluster.bbox,
        });
        Self {
            clusters: clusters.collect(),
            total: found.total,
        }
    }
}

impl From<app::Counts> for Counts {
    fn from(counts: app::Counts) -> Self {
        Self {
            total: counts.total,
            overdue: counts.overdue,
            by_state: counts
                .by_state
                .into_iter()
                .map(|(state, count)| (state.0, count))
                .collect(),
            by_priority: counts
                .by_priority
                .into_iter()
                .map(|(level, count)| (format!("P{level}"), count))
                .collect(),
            by_office: counts
                .by_office
                .into_iter()
                .map(|(office, count)| (office.to_string(), count))
                .collect(),
            by_class: counts
                .by_class
                .into_iter()
                .map(|(class, count)| (class.0, count))
                .collect(),
        }
    }
}
