//! Open311 GeoReport v2 (docs.open311.org, frozen 2011): what its documents hold, printed as XML and JSON, and what a sender's
//! request says. It knows no HTTP and decides nothing about cases.

mod documents;
pub mod judging;
mod print;
mod read;
mod sent;
mod windows;

pub use documents::{
    Discovery, Fault, Receipt, Request, Service, definition, discovery, faults, receipt, requests, services,
};
pub use print::{Document, Format};
pub use read::{Value, read};
pub use sent::Sent;
pub use windows::{PAGE_MAX, WINDOW_DAYS, Wanted};

/// Names and values as a query or a form has them, in order.
pub type Fields = [(String, String)];

/// The value of a field; an empty one is an absent one.
pub fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    let named = fields.iter().filter(|(own, _)| own == name);
    let mut values = named.map(|(_, value)| value.trim());
    values.find(|value| !value.is_empty())
}

/// What was read; else the fault is noted with the others, and `stand_in` stands for it until all are told.
fn or_note<T>(read: Result<T, Fault>, stand_in: T, faults: &mut Vec<Fault>) -> T {
    read.unwrap_or_else(|fault| {
        faults.push(fault);
        stand_in
    })
}
